using System.Formats.Cbor;
using System.Text;
using Capstan.Data;
using Capstan.Models;
using Capstan.Serving;
using Split = Capstan.Data.Split;

namespace Capstan.Cluster;

/// <summary>A model's answers to the lines of a split.</summary>
/// <param name="model">The model's folder, by its full name.</param>
/// <param name="batchSize">How many are asked for together; changes no answer.</param>
sealed class LinesTask(string model, int batchSize) : SplitTask, IDisposable
{
    public const string Name = "batch prediction";

    // In the place of a number of lines.
    const int End = -1;
    const int EndsGivenUp = -2;

    readonly Lazy<ModelScoring> _scoring = new(() => new ModelScoring(new ArtifactModel("model", ArtifactFolder.Read(model))));

    public override string Kind => Name;

    public override ReadOnlyMemory<byte> Content
    {
        get
        {
            var writer = new CborWriter();
            writer.WriteStartArray(2);
            writer.WriteTextString(model);
            writer.WriteInt32(batchSize);
            writer.WriteEndArray();
            return writer.Encode();
        }
    }

    public static LinesTask From(ReadOnlyMemory<byte> content)
    {
        var reader = new CborReader(content);
        reader.ReadStartArray();
        var task = new LinesTask(reader.ReadTextString(), reader.ReadInt32());
        reader.ReadEndArray();
        return task;
    }

    /// <summary>
    /// Writes, for each batch, how many lines there were, the results, and the lines refused; −1 lines at the end, or −2 with the index of the line
    /// at which the model was given up, and why.
    /// </summary>
    public override async Task<long> RunAsync(IBatchSource source, Split split, Stream answer, CancellationToken cancellationToken)
    {
        var (scoring, total) = (new LineScoring(_scoring.Value), 0L);
        using var writer = new BinaryWriter(answer, Encoding.UTF8, leaveOpen: true);
        await foreach (var batch in source.ReadAsync(split, ["line"], cancellationToken))
        {
            foreach (var lines in Enumerable.Range(0, batch.RowCount).Select(row => Encoding.UTF8.GetString(batch["line"].TextAt(row))).Chunk(batchSize))
            {
                var (results, refused) = (new MemoryStream(), new List<(int Index, string Reason)>());
                if (scoring.Answer(lines, results, (index, reason) => refused.Add((index, reason))) is var (place, why))
                {
                    writer.Write(EndsGivenUp);
                    writer.Write(place);
                    writer.Write(why);
                    return total;
                }

                writer.Write(lines.Length);
                writer.Write((int)results.Length);
                writer.Write(results.GetBuffer(), 0, (int)results.Length);
                writer.Write(refused.Count);
                foreach (var (index, reason) in refused)
                {
                    writer.Write(index);
                    writer.Write(reason);
                }

                total += lines.Length;
            }
        }

        writer.Write(End);
        return total;
    }

    /// <summary>Ends the process that a model of another program has taken.</summary>
    public void Dispose()
    {
        if (_scoring.IsValueCreated)
        {
            _scoring.Value.Model.Rest();
        }
    }

    /// <summary>What <see cref="RunAsync"/> wrote, a batch at a time.</summary>
    /// <param name="givenUp">Called in the place of the batch at which the model was given up.</param>
    public static IEnumerable<(int Lines, byte[] Results, IReadOnlyList<(int Index, string Reason)> Refused)> Read(
        Stream answer, Action<GivenUp> givenUp)
    {
        using var reader = new BinaryReader(answer, Encoding.UTF8, leaveOpen: true);
        for (var lines = reader.ReadInt32(); lines != End; lines = reader.ReadInt32())
        {
            if (lines == EndsGivenUp)
            {
                givenUp(new GivenUp(reader.ReadInt32(), reader.ReadString()));
                yield break;
            }

            var results = reader.ReadBytes(reader.ReadInt32());
            var refused = new (int, string)[reader.ReadInt32()];
            for (var index = 0; index < refused.Length; index++)
            {
                refused[index] = (reader.ReadInt32(), reader.ReadString());
            }

            yield return (lines, results, refused);
        }
    }
}
