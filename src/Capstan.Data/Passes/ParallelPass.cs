namespace Capstan.Data;

/// <summary>
/// One reading of all rows on several threads, split by split, whose result does not depend on their number
/// (<see cref="OrderedMerge"/>). Thread-safe.
/// </summary>
/// <remarks>Splits are read at the same time only where there are several: files, or large parts of one.</remarks>
/// <param name="threads">How many splits are read at a time, 1 or more.</param>
/// <param name="passed">Told the number of rows after every batch, by one thread at a time.</param>
public sealed class ParallelPass(IBatchSource source, int threads, Action<int>? passed) : IDisposable
{
    // A span waits for its splits, so the two have places of their own. Spans are begun few at a time to bound what they hold.
    readonly SemaphoreSlim _spans = new(threads);
    readonly SemaphoreSlim _splits = new(threads);
    readonly Lock _gate = new();

    // One more than are read at a time, so that no thread waits for a merge.
    int Ahead => threads + 1;

    /// <summary>As many threads as the machine has processors.</summary>
#pragma warning disable RS0030 // The one place that asks: how many threads there are changes no result.
    public static int AllThreads => Environment.ProcessorCount;
#pragma warning restore RS0030

    /// <summary>Gives every span its state and merges them.</summary>
    /// <param name="empty">The state of no rows, for a source without splits.</param>
    /// <param name="ofSpan">Gives a span's state: kept from an earlier pass, or by <see cref="ReadAsync"/>.</param>
    public async Task<TState> RunAsync<TState>(
        Func<TState> empty, Func<SourceSpan, CancellationToken, Task<TState>> ofSpan, Func<TState, TState, TState> merge,
        CancellationToken cancellationToken) => source.Splits.Count == 0
        ? empty()
        : await OrderedMerge.OfAsync(SourceSpan.Of(source), _spans, Ahead, ofSpan, merge, cancellationToken);

    /// <summary>Reads a span's rows, each split into a state of its own, and merges them.</summary>
    /// <param name="columns">The columns to read.</param>
    /// <param name="begin">The state of no rows, to observe into, and how.</param>
    public Task<TState> ReadAsync<TState>(
        SourceSpan span, IReadOnlyList<string> columns, Func<(TState State, Action<ColumnBatch> Observe)> begin,
        Func<TState, TState, TState> merge, CancellationToken cancellationToken) => OrderedMerge.OfAsync(
        span.Splits, _splits, Ahead, async (split, token) =>
        {
            var (state, observe) = begin();
            await foreach (var batch in source.ReadAsync(split, columns, token))
            {
                observe(batch);
                Pass(batch.RowCount);
            }

            return state;
        },
        merge, cancellationToken);

    /// <summary>Has a span's splits read by others, and merges what they find as <see cref="ReadAsync"/> does.</summary>
    /// <param name="read">Makes a state of what an answer holds.</param>
    public Task<TState> AskAsync<TState>(
        SourceSpan span, ISplitPool pool, SplitTask task, Func<Stream, TState> read, Func<TState, TState, TState> merge,
        CancellationToken cancellationToken) => OrderedMerge.OfAsync(
        span.Splits, _splits, Ahead, async (split, token) =>
        {
            using var answer = await pool.AskAsync(task, source, split, token);
            Pass(checked((int)answer.RowCount));
            return read(answer.Content);
        },
        merge, cancellationToken);

    public void Dispose()
    {
        _spans.Dispose();
        _splits.Dispose();
    }

    void Pass(int rows)
    {
        if (passed is not null)
        {
            lock (_gate)
            {
                passed(rows);
            }
        }
    }
}
