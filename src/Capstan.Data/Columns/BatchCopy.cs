using System.Runtime.CompilerServices;

namespace Capstan.Data;

/// <summary>Rows that stay when their source goes on: a batch is valid only until the next is asked for.</summary>
public static class BatchCopy
{
    /// <summary>Copies a batch's rows.</summary>
    /// <param name="used">A builder with the batch's schema whose rows may go; null for a new one.</param>
    public static BatchBuilder Of(ColumnBatch batch, BatchBuilder? used)
    {
        var copy = used ?? new BatchBuilder(batch.Schema);
        copy.Clear();
        copy.AppendRange(batch, 0, batch.RowCount);
        return copy;
    }

    /// <summary>About how much memory a batch's rows take.</summary>
    public static long BytesOf(ColumnBatch batch) => batch.Columns.Sum(BytesOf);

    internal static async IAsyncEnumerable<ColumnBatch> ReadAsync(
        IBatchSource source, IReadOnlyList<string> columns, int threads,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var read = new OrderedRead<BatchBuilder>(source, columns, threads, () => Of, copy => BytesOf(copy.Batch));
        await foreach (var copy in read.ReadAsync(cancellationToken))
        {
            yield return copy.Batch;
        }
    }

    static long BytesOf(Column column) => column.Type switch
    {
        DataType.Boolean => column.Length / 4,
        DataType.Text => 5L * column.Length + column.TextBytes.Length,
        DataType.TextList => 5L * column.Length + BytesOf(column.Items),
        _ => 9L * column.Length,
    };
}
