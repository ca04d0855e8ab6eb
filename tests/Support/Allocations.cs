namespace Capstan.Tests.Support;

/// <summary>What code allocates on the managed heap.</summary>
static class Allocations
{
    /// <summary>The bytes that the action allocates on this thread: the least of seven runs.</summary>
    /// <remarks>
    /// One run can't tell: when a collection that any other thread caused falls into it, the runtime charges this thread the unused rest of
    /// its allocation buffer, up to 8 KiB, as if it had been used. What the action really allocates, it allocates every time.
    /// </remarks>
    /// <param name="action">Warmed up by the caller, and the same work whenever it is called.</param>
    public static long Of(Action action)
    {
        var least = long.MaxValue;
        for (var run = 0; run < 7; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
