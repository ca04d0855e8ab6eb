using System.Formats.Cbor;
using System.Runtime.CompilerServices;

namespace Capstan.Data;

/// <summary>The rows of a split themselves: worth asking others for where a source computes them.</summary>
/// <param name="columns">Of the source, at least one.</param>
public sealed class RowsTask(IReadOnlyList<string> columns) : SplitTask
{
    public const string Name = "rows";

    public override string Kind => Name;

    public override ReadOnlyMemory<byte> Content => ColumnNames.Write(columns);

    /// <exception cref="CborContentException">The bytes are no such task.</exception>
    public static RowsTask From(ReadOnlyMemory<byte> content) => new(ColumnNames.Read(content));

    public override async Task<long> RunAsync(IBatchSource source, Split split, Stream answer, CancellationToken cancellationToken)
    {
        var rows = 0L;
        await foreach (var batch in source.ReadAsync(split, columns, cancellationToken))
        {
            BatchStream.Write(answer, batch);
            rows += batch.RowCount;
        }

        BatchStream.WriteEnd(answer);
        return rows;
    }

    /// <summary>The batches of all splits in their order, as one thread would read them, made by others.</summary>
    /// <param name="passed">Told the number of rows after each batch.</param>
    public static async IAsyncEnumerable<ColumnBatch> ReadAllAsync(
        IBatchSource source, IReadOnlyList<string> columns, ISplitPool pool, Action<int>? passed,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (task, schema) = (new RowsTask(columns), source.Schema.Select(columns));
        await foreach (var answer in task.AnswersAsync(source, pool, cancellationToken))
        {
            foreach (var batch in BatchStream.Read(answer.Content, schema))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return batch;
                passed?.Invoke(batch.RowCount);
            }
        }
    }
}
