using System.Runtime.CompilerServices;
using Capstan.Data;

namespace Capstan.Benchmarks;

/// <summary>Simulated trips in any number, out of a few megabytes: the same batches again and again, in splits as of large files.</summary>
sealed class EndlessTrips : IBatchSource
{
    /// <summary>What a row of these columns takes in CSV.</summary>
    public const double BytesPerRow = 105;

    const int BatchRows = 8192;
    const int Batches = 64;
    const long BatchesPerSplit = 512;

    readonly ColumnBatch[] _batches = [.. Enumerable.Range(0, Batches).Select(index => InferenceTask.Rows(BatchRows, 100 + (ulong)index))];

    public EndlessTrips(double gigabytes)
    {
        var batches = (long)(gigabytes * 1e9 / BytesPerRow / BatchRows) + 1;
        Splits =
        [
            .. Enumerable.Range(0, (int)((batches + BatchesPerSplit - 1) / BatchesPerSplit)).Select(index => new Split(
                index, $"trips {index}", BatchRows * Math.Min(BatchesPerSplit, batches - index * BatchesPerSplit))),
        ];
    }

    public Schema Schema => InferenceTask.Schema;

    public IReadOnlyList<Split> Splits { get; }

    public long RowCount => Splits.Sum(split => split.RowCount!.Value); // all are known

    public string Fingerprint => $"endless trips, {RowCount} rows";

    public async IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask; // nothing to wait for
        var wanted = Schema.Select(columns);
        for (var batch = 0L; batch < split.RowCount / BatchRows; batch++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = _batches[(split.Index + batch) % Batches];
            yield return new ColumnBatch(wanted, [.. columns.Select(name => rows[name])]);
        }
    }
}
