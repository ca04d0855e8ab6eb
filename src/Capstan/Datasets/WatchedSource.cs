using System.Runtime.CompilerServices;
using Capstan.Data;

namespace Capstan;

/// <summary>A source that tells how many rows have been read from it, by one thread at a time.</summary>
sealed class WatchedSource(IBatchSource source, Action<int, long?> passed) : IBatchSource
{
    readonly Lock _gate = new();

    public Schema Schema => source.Schema;

    public IReadOnlyList<Split> Splits => source.Splits;

    public string Fingerprint => source.Fingerprint;

    public async IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var total = source.RowCount();
        await foreach (var batch in source.ReadAsync(split, columns, cancellationToken))
        {
            lock (_gate)
            {
                passed(batch.RowCount, total);
            }

            yield return batch;
        }
    }
}
