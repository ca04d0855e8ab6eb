namespace Capstan.Gateway;

/// <summary>How many numbers there were, their mean and their variance (Welford's sums). Immutable.</summary>
/// <param name="Count">How many.</param>
/// <param name="Mean">0 where there is none.</param>
/// <param name="Squares">The sum of squared distances from the mean.</param>
public readonly record struct OutcomeMoments(long Count, double Mean, double Squares)
{
    /// <summary>Of the population that the numbers were drawn from; 0 where there are fewer than two.</summary>
    public double Variance => Count > 1 ? Squares / (Count - 1) : 0;

    public OutcomeMoments With(double number)
    {
        var distance = number - Mean;
        var mean = Mean + distance / (Count + 1);
        return new OutcomeMoments(Count + 1, mean, Squares + distance * (number - mean));
    }
}
