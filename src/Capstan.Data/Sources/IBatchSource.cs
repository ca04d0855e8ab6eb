using System.Runtime.CompilerServices;

namespace Capstan.Data;

/// <summary>
/// A part of a source that can be read by itself: a file, or some row groups of one. Splits are stable: the same source has
/// the same splits in the same order on every machine, and their concatenation is the whole data set.
/// </summary>
/// <param name="Index">0-based position among the source's splits.</param>
/// <param name="Name">What a person recognises in a message: the file, and the row range where it is a part of one.</param>
/// <param name="RowCount">How many rows it has, or null where only reading tells.</param>
public sealed record Split(int Index, string Name, long? RowCount)
{
    /// <summary>
    /// Names the content of the file that the split is a part of: equal spans mean equal rows, whatever other files the source
    /// has. Null where only the source's fingerprint names its rows. A source that makes other rows of another's changes it.
    /// </summary>
    public string? Span { get; init; }
}

/// <summary>Rows that can be read any number of times, in the same order, without being held in memory.</summary>
public interface IBatchSource
{
    Schema Schema { get; }

    IReadOnlyList<Split> Splits { get; }

    /// <summary>
    /// Names the content: equal fingerprints mean equal rows. Cheap to compute (for files: paths, sizes, modification times
    /// and a hash of both ends), so it is kept as lineage, not as a proof.
    /// </summary>
    string Fingerprint { get; }

    /// <summary>Reads one split's rows in order.</summary>
    /// <param name="split">One of <see cref="Splits"/>.</param>
    /// <param name="columns">The columns wanted, in this order; only these are read and appear in the batches.</param>
    /// <param name="cancellationToken">Checked once per batch.</param>
    /// <returns>Batches of at most 8,192 rows; each is valid until the next is asked for.</returns>
    /// <exception cref="UnknownColumnException">A column is not in <see cref="Schema"/>.</exception>
    /// <exception cref="BadRowException">A row can't be read and the source's policy is to fail.</exception>
    IAsyncEnumerable<ColumnBatch> ReadAsync(Split split, IReadOnlyList<string> columns, CancellationToken cancellationToken);
}

/// <summary>Everyday ways of reading a source.</summary>
public static class BatchSourceReading
{
    /// <summary>Reads all splits, one after the other.</summary>
    public static async IAsyncEnumerable<ColumnBatch> ReadAllAsync(
        this IBatchSource source,
        IReadOnlyList<string> columns,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var split in source.Splits)
        {
            await foreach (var batch in source.ReadAsync(split, columns, cancellationToken))
            {
                yield return batch;
            }
        }
    }

    /// <summary>Batches that come without waiting, as <see cref="IBatchSource.ReadAsync"/> gives them.</summary>
    internal static async IAsyncEnumerable<ColumnBatch> ReadAsync(
        this IEnumerable<ColumnBatch> batches, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var batch in batches)
        {
            yield return batch;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Reads all splits, several at a time, and gives their rows in the order of one thread.</summary>
    /// <param name="threads">How many splits are read at a time, 1 or more; changes no result.</param>
    public static IAsyncEnumerable<ColumnBatch> ReadAllAsync(
        this IBatchSource source, IReadOnlyList<string> columns, int threads, CancellationToken cancellationToken) => threads == 1
        ? source.ReadAllAsync(columns, cancellationToken)
        : BatchCopy.ReadAsync(source, columns, threads, cancellationToken);

    /// <summary>How many rows the source has, or null where only reading tells.</summary>
    public static long? RowCount(this IBatchSource source) =>
        source.Splits.All(split => split.RowCount is not null) ? source.Splits.Sum(split => split.RowCount) : null;
}
