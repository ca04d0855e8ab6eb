namespace Capstan.Training;

/// <summary>
/// How a linear model learns: the constants of FTRL-Proximal. The defaults suit z-scored numbers and one-hot categories.
/// </summary>
public sealed record LinearOptions
{
    public static LinearOptions Default { get; } = new();

    /// <summary>α: the rate of a coordinate that has seen no gradient is α / β. Greater than 0.</summary>
    public float LearningRate { get; init; } = 0.1f;

    /// <summary>β ≥ 0: how much gradient a coordinate must see before its rate falls.</summary>
    public float Beta { get; init; } = 1f;

    /// <summary>
    /// λ₁ ≥ 0: pulls weights to exactly 0; the more, the fewer weights remain. In units of the summed gradient.
    /// </summary>
    public float L1 { get; init; }

    /// <summary>λ₂ ≥ 0: shrinks weights, those of rare categories most.</summary>
    public float L2 { get; init; }

    /// <summary>
    /// Regression: learn (label − mean) / standard deviation and fold both back into the predictor, so that one learning rate
    /// suits dollars and seconds alike. Without it, L1 and L2 count in label units.
    /// </summary>
    public bool StandardiseLabel { get; init; } = true;

    /// <summary>The name of a numeric feature that is added to every score as it is (<see cref="OffsetFeature"/>); null for none.</summary>
    public string? Offset { get; init; }

    /// <summary>
    /// Regression: a residual counts as at most this many units of the label that is learned (standard deviations, if
    /// standardised) in the gradient; beyond, the loss grows linearly, as Huber's. One row with a feature of 10⁶ would otherwise
    /// use up the learning rate of all the categories it names. Greater than 0; +∞ turns it off.
    /// </summary>
    public float ResidualLimit { get; init; } = 10f;

    /// <exception cref="ArgumentException">One or more values are out of range; the message lists them all.</exception>
    public void Validate()
    {
        var problems = new List<string>();
        Check(LearningRate > 0 && float.IsFinite(LearningRate), nameof(LearningRate), LearningRate, "more than 0, such as 0.1");
        Check(Beta >= 0 && float.IsFinite(Beta), nameof(Beta), Beta, "0 or more, such as 1");
        Check(L1 >= 0 && float.IsFinite(L1), nameof(L1), L1, "0 or more");
        Check(L2 >= 0 && float.IsFinite(L2), nameof(L2), L2, "0 or more");
        Check(ResidualLimit > 0, nameof(ResidualLimit), ResidualLimit, "more than 0, such as 10");
        if (problems.Count > 0)
        {
            throw new ArgumentException("The linear model's options are out of range: " + string.Join("; ", problems) + ".");
        }

        void Check(bool holds, string name, float found, string expected)
        {
            if (!holds)
            {
                problems.Add($"{name} is {found}, expected {expected}");
            }
        }
    }
}
