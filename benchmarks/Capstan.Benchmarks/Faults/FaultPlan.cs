namespace Capstan.Benchmarks;

/// <summary>How long and how often.</summary>
/// <param name="Kills">How long replicas are killed, one <paramref name="KillEvery"/>.</param>
/// <param name="Bursts">How often 200 clients come at once where there is no replica.</param>
/// <param name="Swaps">How many versions follow one another.</param>
/// <param name="Connections">How many connections are opened and left alone.</param>
/// <param name="SplitRequests">How many requests are divided.</param>
/// <param name="SplitPoints">By how many percentage points a tenth of them may miss: three standard deviations, and a little.</param>
/// <param name="Soak">How long memory must not grow.</param>
sealed record FaultPlan(
    TimeSpan Kills, TimeSpan KillEvery, int Bursts, int Swaps, int Connections, int SplitRequests, double SplitPoints, TimeSpan Soak)
{
    /// <summary>Two minutes: whether all of it works.</summary>
    public static FaultPlan Short { get; } = new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5), 3, 50, 500, 20_000, 0.7, TimeSpan.FromSeconds(30));

    /// <summary>An hour: what is promised.</summary>
    public static FaultPlan Long { get; } = new(
        TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(10), 20, 1000, 10_000, 100_000, 0.3, TimeSpan.FromMinutes(30));
}
