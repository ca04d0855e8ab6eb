using System.Collections.Immutable;

namespace Capstan.Serving;

/// <summary>What a policy remembers from one decision to the next.</summary>
/// <param name="PanicUntil">When panic ends, unless there is reason for more; null outside it.</param>
/// <param name="PanicHighest">The most replicas wanted in this panic.</param>
/// <param name="IdleSince">Since when a whole stable window has been without load; null while there is load.</param>
/// <param name="Recent">What was wanted within the delay of scaling down, oldest first.</param>
public sealed record ScaleState(
    DateTimeOffset? PanicUntil, int PanicHighest, DateTimeOffset? IdleSince, ImmutableQueue<(DateTimeOffset At, int Wanted)> Recent)
{
    public static ScaleState Start { get; } = new(null, 0, null, []);
}

/// <summary>How many replicas there should be, and why.</summary>
/// <param name="Reason">A sentence for people.</param>
/// <param name="Next">To be handed to the next decision.</param>
public sealed record ScaleDecision(int Replicas, string Reason, ScaleState Next);

/// <summary>
/// Decides how many replicas a model should have. Pure: the same measurements, state and time give the same decision.
/// </summary>
/// <remarks>
/// Source: Knative Serving's pod autoscaler (pkg/autoscaler/scaling/autoscaler.go): the average over a stable window decides;
/// twice the capacity over a tenth of it is a panic, in which nothing is scaled down. We differ in one thing: there are fewer
/// replicas only when the load fits into nine tenths of what they would carry, so that a load at the edge between two
/// numbers does not go to and fro.
/// </remarks>
public sealed class ScalePolicy(ScaleSettings settings)
{
    const double PanicThreshold = 2;
    const double MaxScaleUpRate = 1000;
    const double MaxScaleDownRate = 2;
    const double Slack = 0.9;

    /// <summary>The panic window is a tenth of the stable one.</summary>
    public TimeSpan PanicWindow { get; } = TimeSpan.FromSeconds(Math.Max(1, settings.StableSeconds / 10));

    public TimeSpan StableWindow { get; } = TimeSpan.FromSeconds(settings.StableSeconds);

    /// <param name="stable">The average of the metric over <see cref="StableWindow"/>, all replicas together.</param>
    /// <param name="panic">The same over <see cref="PanicWindow"/>.</param>
    /// <param name="ready">Replicas that take requests now.</param>
    public ScaleDecision Decide(double stable, double panic, int ready, ScaleState state, DateTimeOffset now)
    {
        if (settings.ManualNodes is { } manual)
        {
            return new ScaleDecision(manual, $"{manual} by hand", ScaleState.Start);
        }

        var target = settings.TargetPerReplica;
        var capacity = Math.Max(1, ready);
        var most = (int)Math.Min(int.MaxValue, Math.Ceiling(MaxScaleUpRate * capacity));
        var fewest = (int)Math.Floor(ready / MaxScaleDownRate);
        var wanted = Math.Clamp(WantedFor(stable, target, ready), fewest, most);
        var wantedInPanic = Math.Clamp((int)Math.Ceiling(panic / target), fewest, most);
        var reason = $"{Words(stable)} over {settings.StableSeconds} s, {target:0.##} for each";

        var (until, highest) = (state.PanicUntil, state.PanicHighest);
        if (ready > 0 && Math.Ceiling(panic / target) / capacity >= PanicThreshold)
        {
            until = now + StableWindow;
        }
        else if (until <= now)
        {
            (until, highest) = (null, 0);
        }

        if (until is not null)
        {
            highest = Math.Max(highest, Math.Max(ready, Math.Max(wanted, wantedInPanic)));
            wanted = highest;
            reason = $"panic: {Words(panic)} over {PanicWindow.TotalSeconds:0} s, {target:0.##} for each; no scaling down until {until:HH:mm:ss}";
        }
        else if (ready == 0)
        {
            // From zero the first second is all there is to know.
            wanted = Math.Max(wanted, wantedInPanic);
        }

        var idle = stable <= 0 && panic <= 0 && until is null;
        var idleSince = idle ? state.IdleSince ?? now : (DateTimeOffset?)null;
        if (idle && ready == 0)
        {
            reason = "idle";
        }
        else if (idle && settings.MinNodes == 0)
        {
            var rest = idleSince!.Value.AddSeconds(settings.ZeroGraceSeconds) - now; // Set while idle.
            (wanted, reason) = rest > TimeSpan.Zero
                ? (1, $"idle; to zero in {rest.TotalSeconds:0} s")
                : (0, $"idle for {settings.StableSeconds + settings.ZeroGraceSeconds} s");
        }

        var recent = Forget(state.Recent.Enqueue((now, wanted)), now);
        if (!idle && recent.Max(each => each.Wanted) is var delayed && delayed > wanted)
        {
            (wanted, reason) = (delayed, $"{reason}; {delayed} were wanted within {settings.ScaleDownDelaySeconds} s");
        }

        var bounded = Math.Clamp(wanted, settings.MinNodes, settings.MaxNodes);
        reason = bounded == wanted ? reason
            : bounded < wanted ? $"{reason}; {wanted} wanted, at most {settings.MaxNodes} allowed"
            : $"{reason}; at least {settings.MinNodes}";
        return new ScaleDecision(bounded, reason, new ScaleState(until, highest, idleSince, recent));
    }

    static int WantedFor(double load, double target, int ready)
    {
        var wanted = (int)Math.Ceiling(load / target);
        return wanted >= ready ? wanted : Math.Min(ready, (int)Math.Ceiling(load / (target * Slack)));
    }

    ImmutableQueue<(DateTimeOffset At, int Wanted)> Forget(ImmutableQueue<(DateTimeOffset At, int Wanted)> recent, DateTimeOffset now)
    {
        while (recent.Peek().At < now.AddSeconds(-settings.ScaleDownDelaySeconds))
        {
            recent = recent.Dequeue();
        }

        return recent;
    }

    string Words(double load) => settings.Metric switch
    {
        ScaleMetric.Concurrency => $"{load:0.##} requests in progress",
        ScaleMetric.RequestsPerSecond => $"{load:0.##} requests/s",
        _ => $"{load:0.##} processors busy",
    };
}
