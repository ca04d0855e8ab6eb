using System.Runtime.CompilerServices;
using Capstan.Data;
using Capstan.Models;

namespace Capstan.Serving.Tests.Replicas;

/// <summary>The artifacts of every family that earlier releases wrote, and rows to ask them about.</summary>
static class GoldenArtifacts
{
    static readonly string[] Texts = ["a", "b", "c", "Müller", "", "xyz"];

    public static IEnumerable<string> Names => Directory.EnumerateDirectories(Folder()).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    public static string At(string name) => Path.Combine(Folder(), name);

    public static RoutedVersion Version(string version, string artifact, int maxConcurrency = RoutedVersion.DefaultConcurrency) =>
        new(version, At(artifact), ArtifactFolder.Read(At(artifact)).Hash.ToString(), maxConcurrency);

    public static IServedModel Model(string name, string artifact) => new ArtifactModel(name, ArtifactFolder.Read(At(artifact)));

    /// <summary>Rows of a schema: missing, ordinary and extreme values of each type.</summary>
    public static ColumnBatch Rows(Schema schema, int count, ulong seed)
    {
        var random = new SeededRandom(seed);
        var builder = new BatchBuilder(schema);
        for (var row = 0; row < count; row++)
        {
            foreach (var column in builder.Columns)
            {
                Append(column, random);
            }
        }

        return builder.Batch;
    }

    static void Append(ColumnBuilder column, SeededRandom random)
    {
        if (random.NextInt32(8) == 0)
        {
            column.AppendMissing();
            return;
        }

        switch (column.Type)
        {
            case DataType.Float64:
                column.Append(random.NextInt32(20) == 0 ? random.NextNormal() * 1e9 : random.NextNormal() * 10);
                break;
            case DataType.Int64:
                column.Append((long)random.NextInt32(1000) - 300);
                break;
            case DataType.Boolean:
                column.Append(random.NextInt32(2) == 0);
                break;
            case DataType.Timestamp:
                column.Append(random.NextInt32(int.MaxValue) * 1_000_000L);
                break;
            case DataType.Text:
                column.Append(Texts[random.NextInt32(Texts.Length)]);
                break;
            default:
                column.Items.Append("a");
                column.AppendList();
                break;
        }
    }

    static string Folder([CallerFilePath] string caller = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(caller)!, "..", "..", "Capstan.Models.Tests", "Golden"));
}
