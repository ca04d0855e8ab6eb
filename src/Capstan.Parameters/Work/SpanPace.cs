using System.Diagnostics;

namespace Capstan.Parameters;

/// <summary>
/// Which of a worker's steps are traced: ten a second at most. A step of a small model takes less than a millisecond, and a thousand spans a second of
/// each worker would cost more than they tell; how long all of them take is in the histograms. Not thread-safe: a worker's thread has its own.
/// </summary>
sealed class SpanPace(TimeProvider clock)
{
    static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    long? _last;

    /// <returns>Null: it is too early for one more, or nobody listens.</returns>
    public Activity? StartStep()
    {
        if (!ParameterMetrics.Activities.HasListeners() || (_last is { } last && clock.GetElapsedTime(last) < Between))
        {
            return null;
        }

        _last = clock.GetTimestamp();
        return ParameterMetrics.Activities.StartActivity("step");
    }

    /// <summary>A part of a step, where the step itself is traced.</summary>
    public static Activity? StartBelow(Activity? step, string name) =>
        step is null ? null : ParameterMetrics.Activities.StartActivity(name, ActivityKind.Client, step.Context);
}
