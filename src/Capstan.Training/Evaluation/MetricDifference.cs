namespace Capstan.Training;

/// <summary>How one model's metric differs from another's on the same rows.</summary>
/// <param name="Name">The metric's.</param>
/// <param name="Value">This one's less the other's; null where either is not defined.</param>
/// <param name="HigherIsBetter">Which sign is to this model's credit.</param>
/// <param name="Interval">Of the difference; null without replicates.</param>
public readonly record struct MetricDifference(string Name, double? Value, bool HigherIsBetter, ConfidenceInterval? Interval)
{
    /// <summary>
    /// How likely a difference as large is where there really is none, two-sided; null where that can't be told. Equal predictions
    /// have 1.
    /// </summary>
    public double? PValue => (Value, Interval) switch
    {
        (null, _) or (_, null) => null,
        (0, _) => 1,
        ({ } value, { StandardError: var error }) => error > 0 ? NormalDistribution.TwoSided(value / error) : 0,
    };

    /// <summary>Better (1), worse (−1) or not known to be either (0) at the interval's confidence.</summary>
    public int Verdict => PValue is { } p && Interval is { } interval && p < 1 - interval.Confidence
        ? Math.Sign(Value!.Value) * (HigherIsBetter ? 1 : -1) // a p-value is of a value
        : 0;
}
