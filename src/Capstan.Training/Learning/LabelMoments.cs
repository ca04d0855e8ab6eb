namespace Capstan.Training;

/// <summary>How many labels there are, their weighted mean and spread: enough for a baseline and for standardising.</summary>
/// <param name="RowCount">Rows seen, those of weight 0 included.</param>
/// <param name="WeightSum">The sum of the example weights.</param>
/// <param name="Mean">The weighted mean; 0 without any weight.</param>
/// <param name="SquaredDeviations">Σ weight × (label − mean)².</param>
/// <remarks>
/// Merging is the pairwise rule of Chan, Golub and LeVeque 1979, with weights in place of counts. It is exact up to rounding in
/// any order, and to the bit only in the same order.
/// </remarks>
public readonly record struct LabelMoments(long RowCount, double WeightSum, double Mean, double SquaredDeviations)
{
    /// <summary>√(Σ weight × (label − mean)² / Σ weight), in label units; 0 if the labels are all alike.</summary>
    public double StandardDeviation => WeightSum > 0 ? Math.Sqrt(SquaredDeviations / WeightSum) : 0;

    /// <param name="labels">Finite labels.</param>
    /// <param name="weights">As many example weights, finite and ≥ 0.</param>
    public static LabelMoments Of(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        double weightSum = 0, labelSum = 0;
        for (var row = 0; row < labels.Length; row++)
        {
            weightSum += weights[row];
            labelSum += (double)weights[row] * labels[row];
        }

        if (weightSum == 0)
        {
            return new LabelMoments(labels.Length, 0, 0, 0);
        }

        var mean = labelSum / weightSum;
        double squares = 0;
        for (var row = 0; row < labels.Length; row++)
        {
            var deviation = labels[row] - mean;
            squares += weights[row] * deviation * deviation;
        }

        return new LabelMoments(labels.Length, weightSum, mean, squares);
    }

    public LabelMoments Merge(in LabelMoments other)
    {
        var weightSum = WeightSum + other.WeightSum;
        if (weightSum == 0)
        {
            return this with { RowCount = RowCount + other.RowCount };
        }

        var share = other.WeightSum / weightSum;
        var distance = other.Mean - Mean;
        return new LabelMoments(
            RowCount + other.RowCount,
            weightSum,
            Mean + distance * share,
            SquaredDeviations + other.SquaredDeviations + distance * distance * WeightSum * share);
    }
}
