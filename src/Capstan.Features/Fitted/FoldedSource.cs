using System.Runtime.CompilerServices;
using System.Text;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// The rows of a source with one column more: the fold of each, 0 to <see cref="FoldSums.Folds"/> − 1, by the hash of its split
/// (of its file where it has one) and its position there. So the pass that analyses and the pass that trains see the same folds,
/// whatever the order in which splits are read.
/// </summary>
sealed class FoldedSource(IBatchSource source) : IBatchSource
{
    // No column that people name begins with this.
    const string Name = "\0fold";
    const uint Seed = 0x464F4C44;

    public static readonly ColumnExpr Fold = new(Name);

    // [splits]
    readonly uint[] _seeds = [.. SourceSpan.Of(source).SelectMany(SeedsOf)];

    public Schema Schema { get; } = SchemaOf(source.Schema);

    public IReadOnlyList<Split> Splits => source.Splits;

    // Equal rows have equal folds.
    public string Fingerprint => source.Fingerprint;

    public static Schema SchemaOf(Schema schema) => new([.. schema.Fields, new Field(Name, DataType.Int64)]);

    /// <summary>A file's rows have the same folds wherever it stands, so that what is kept of it by fold stays true.</summary>
    static IEnumerable<uint> SeedsOf(SourceSpan span) => span.Fingerprint is { } rows
        ? span.Splits.Select((_, place) => MurmurHash3.Hash32(place, MurmurHash3.Hash32(Encoding.UTF8.GetBytes(rows), Seed)))
        : span.Splits.Select(split => MurmurHash3.Hash32(split.Index, Seed));

    public async IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string[] wanted = [.. columns.Where(column => column != Name)];
        if (wanted.Length == columns.Count)
        {
            await foreach (var batch in source.ReadAsync(split, columns, cancellationToken))
            {
                yield return batch;
            }

            yield break;
        }

        var (schema, folds, position) = (Schema.Select(columns), new ColumnBuilder(DataType.Int64), 0L);
        var seed = _seeds[split.Index];
        await foreach (var batch in source.ReadAsync(split, wanted, cancellationToken))
        {
            folds.Clear();
            for (var row = 0; row < batch.RowCount; row++)
            {
                folds.Append((long)((ulong)MurmurHash3.Hash32(position++, seed) * FoldSums.Folds >> 32));
            }

            yield return new ColumnBatch(schema, [.. columns.Select(column => column == Name ? folds.Column : batch[column])]);
        }
    }
}
