using System.Numerics;

namespace Capstan.Data;

/// <summary>
/// Observes the parts of something side by side and merges what they give, always in the same order: neighbours first, then
/// neighbouring pairs, and so on. The result depends on the parts alone, not on how many are observed at a time or which is
/// ready first, although floating-point sums depend on the order of additions.
/// </summary>
/// <remarks>
/// Parts begin in their order and pairs are merged as soon as both are there, so about as many states as parts at a time, and one
/// for each level of the tree, exist at once.
/// </remarks>
public static class MergeTree
{
    /// <param name="parts">One or more.</param>
    /// <param name="places">How many parts may be under way; shared by several trees, it bounds their sum.</param>
    /// <param name="observe">Gives a part's state. Runs on the thread pool.</param>
    /// <param name="merge">Joins the states of neighbours, left and right.</param>
    /// <returns>The state of all parts.</returns>
    /// <exception cref="Exception">
    /// Where parts fail, the failure of the first of them in their order, once no part is under way any more.
    /// </exception>
    public static Task<TState> OfAsync<TPart, TState>(
        IReadOnlyList<TPart> parts, SemaphoreSlim places, Func<TPart, CancellationToken, Task<TState>> observe,
        Func<TState, TState, TState> merge, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(parts.Count);
        return new Tree<TPart, TState>(parts, places, observe, merge, cancellationToken).OfAsync(0, parts.Count);
    }

    sealed class Tree<TPart, TState>(
        IReadOnlyList<TPart> parts, SemaphoreSlim places, Func<TPart, CancellationToken, Task<TState>> observe,
        Func<TState, TState, TState> merge, CancellationToken cancellationToken)
    {
        int _firstFailed = int.MaxValue;

        public async Task<TState> OfAsync(int from, int to)
        {
            if (to - from == 1)
            {
                return await LeafAsync(from);
            }

            var middle = from + (int)(BitOperations.RoundUpToPowerOf2((uint)(to - from)) / 2);
            var left = OfAsync(from, middle);
            var right = OfAsync(middle, to);
            // Waits for both whatever happens, and throws what the left one threw first of all.
            await Task.WhenAll(left, right);
            return merge(await left, await right);
        }

        async Task<TState> LeafAsync(int index)
        {
            await places.WaitAsync(cancellationToken);
            try
            {
                if (index > Volatile.Read(ref _firstFailed))
                {
                    throw new OperationCanceledException("A part before this one has failed.");
                }

                // Reading is arithmetic: it needs a thread of its own for every part under way.
                return await Task.Run(() => observe(parts[index], cancellationToken), cancellationToken);
            }
            catch
            {
                NoteFailure(index);
                throw;
            }
            finally
            {
                places.Release();
            }
        }

        void NoteFailure(int index)
        {
            var first = Volatile.Read(ref _firstFailed);
            while (index < first && Interlocked.CompareExchange(ref _firstFailed, index, first) is var found && found != first)
            {
                first = found;
            }
        }
    }
}
