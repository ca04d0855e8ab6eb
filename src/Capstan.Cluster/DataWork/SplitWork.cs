using System.Formats.Cbor;
using System.Security.Cryptography;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Cluster;

/// <summary>What is to be done with splits of one source, as members of a job hand it each other.</summary>
/// <param name="Role">Which rows: a word between the coordinator and the workers of a job's kind.</param>
/// <param name="Fingerprint">Of the rows as the coordinator sees them.</param>
sealed record SplitWork(string Role, string Fingerprint, SplitTask Task)
{
    const int KeyLetters = 32;

    /// <summary>Names the work: what is written for equal keys is equal.</summary>
    public string Key => Convert.ToHexStringLower(SHA256.HashData(Write()))[..KeyLetters];

    public byte[] Write()
    {
        var writer = new CborWriter();
        writer.WriteStartArray(4);
        writer.WriteTextString(Role);
        writer.WriteTextString(Fingerprint);
        writer.WriteTextString(Task.Kind);
        writer.WriteByteString(Task.Content.Span);
        writer.WriteEndArray();
        return writer.Encode();
    }

    /// <exception cref="CorruptStateException">The bytes are no work that this program knows.</exception>
    public static SplitWork Read(byte[] bytes)
    {
        var reader = new CborReader(bytes);
        reader.ReadStartArray();
        var (role, fingerprint, kind, content) = (reader.ReadTextString(), reader.ReadTextString(), reader.ReadTextString(), reader.ReadByteString());
        reader.ReadEndArray();
        return new SplitWork(role, fingerprint, kind switch
        {
            StatisticsTask.Name => StatisticsTask.From(content),
            AnalysisTask.Name => AnalysisTask.From(content),
            RowsTask.Name => RowsTask.From(content),
            LinesTask.Name => LinesTask.From(content),
            _ => throw new CorruptStateException(nameof(SplitWork), $"it is of the kind '{kind}', which is unknown; a newer Capstan may have written it"),
        });
    }
}
