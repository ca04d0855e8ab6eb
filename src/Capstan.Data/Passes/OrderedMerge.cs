namespace Capstan.Data;

/// <summary>
/// Observes the parts of something side by side and merges what they give in the parts' order, each into what all before it gave.
/// The result depends on the parts alone, not on how many are observed at a time or which is ready first, although floating-point
/// sums depend on the order of additions.
/// </summary>
/// <remarks>
/// However many parts there are, as many states exist at once as parts may be ahead, and the merged one. A tree of neighbours would
/// merge smaller states, but keeps one more of them waiting each time the parts double.
/// </remarks>
public static class OrderedMerge
{
    /// <param name="parts">One or more.</param>
    /// <param name="places">How many parts may be under way; shared by several merges, it bounds their sum.</param>
    /// <param name="ahead">How many parts may be begun and not merged yet.</param>
    /// <param name="observe">Gives a part's state. Runs on the thread pool.</param>
    /// <param name="merge">Joins the state of all parts before with the next one's.</param>
    /// <returns>The state of all parts.</returns>
    /// <exception cref="Exception">
    /// Where parts fail, the failure of the first of them in their order, once no part is under way any more.
    /// </exception>
    public static async Task<TState> OfAsync<TPart, TState>(
        IReadOnlyList<TPart> parts, SemaphoreSlim places, int ahead, Func<TPart, CancellationToken, Task<TState>> observe,
        Func<TState, TState, TState> merge, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(parts.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(ahead, 1);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var begun = new Queue<Task<TState>>();
        var next = 0;
        try
        {
            Begin();
            var merged = await begun.Dequeue();
            while (next < parts.Count || begun.Count > 0)
            {
                Begin();
                merged = merge(merged, await begun.Dequeue());
            }

            return merged;
        }
        catch
        {
            ending.Cancel();
            await Task.WhenAll(begun).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }

        void Begin()
        {
            while (next < parts.Count && begun.Count < ahead)
            {
                begun.Enqueue(ObserveAsync(parts[next++], places, observe, ending.Token));
            }
        }
    }

    static async Task<TState> ObserveAsync<TPart, TState>(
        TPart part, SemaphoreSlim places, Func<TPart, CancellationToken, Task<TState>> observe, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        try
        {
            // Reading is arithmetic: it needs a thread of its own for every part under way.
            return await Task.Run(() => observe(part, cancellationToken), cancellationToken);
        }
        finally
        {
            places.Release();
        }
    }
}
