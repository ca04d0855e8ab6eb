namespace Capstan.Tests.Support;

/// <summary>What code allocates on the managed heap.</summary>
static class Allocations
{
    /// <summary>The bytes that the action allocates on this thread: the least of some runs, the last where it is nothing.</summary>
    /// <remarks>
    /// One run can't tell: when a collection that any other thread caused falls into it, the runtime charges this thread the unused rest of
    /// its allocation buffer, up to 8 KiB, as if it had been used. What the action really allocates, it allocates every time.
    /// </remarks>
    /// <param name="action">Warmed up by the caller, and the same work whenever it is called.</param>
    /// <param name="runs">
    /// More than a few where the class library's own code is compiled in steps: before the last one it allocates what it does not need,
    /// and the runtime puts that step off for as long as other tests keep it busy.
    /// </param>
    public static long Of(Action action, int runs = 7)
    {
        var least = long.MaxValue;
        for (var run = 0; run < runs && least > 0; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
