namespace Capstan.Training;

/// <summary>
/// What a classifier does where it calls positive whatever has a probability above a threshold: the confusion matrix in summed
/// weights, and all that follows from it. A point of the ROC, precision-recall, gain and lift curves alike.
/// </summary>
/// <param name="Threshold">0 (all are called positive) to 1 (none is).</param>
/// <param name="TruePositives">Weight of positives called positive.</param>
/// <param name="FalsePositives">Weight of negatives called positive.</param>
/// <param name="FalseNegatives">Weight of positives called negative.</param>
/// <param name="TrueNegatives">Weight of negatives called negative.</param>
/// <remarks>Source: definitions as in scikit-learn (matthews_corrcoef is 0, precision and F1 null, where they would divide by 0).</remarks>
public readonly record struct OperatingPoint(
    double Threshold, double TruePositives, double FalsePositives, double FalseNegatives, double TrueNegatives)
{
    double Total => TruePositives + FalsePositives + FalseNegatives + TrueNegatives;

    /// <summary>The share of the positives that is found: the ROC curve's y, the precision-recall curve's x, the gain curve's y.</summary>
    public double? Recall => Ratio(TruePositives, TruePositives + FalseNegatives);

    /// <summary>The share of those called positive that is.</summary>
    public double? Precision => Ratio(TruePositives, TruePositives + FalsePositives);

    /// <summary>The share of the negatives called positive: the ROC curve's x.</summary>
    public double? FalsePositiveRate => Ratio(FalsePositives, FalsePositives + TrueNegatives);

    public double? Accuracy => Ratio(TruePositives + TrueNegatives, Total);

    /// <summary>The harmonic mean of precision and recall.</summary>
    public double? F1 => Ratio(2 * TruePositives, 2 * TruePositives + FalsePositives + FalseNegatives);

    /// <summary>Matthews' correlation of what was called and what is, −1 to 1.</summary>
    public double MatthewsCorrelation
    {
        get
        {
            var squares = (TruePositives + FalsePositives) * (TruePositives + FalseNegatives)
                * (TrueNegatives + FalsePositives) * (TrueNegatives + FalseNegatives);
            return squares > 0 ? (TruePositives * TrueNegatives - FalsePositives * FalseNegatives) / Math.Sqrt(squares) : 0;
        }
    }

    /// <summary>The share of all rows called positive: the gain curve's x.</summary>
    public double? PositiveRate => Ratio(TruePositives + FalsePositives, Total);

    /// <summary>How many times more positives there are among those called positive than among all.</summary>
    public double? Lift => Precision / Ratio(TruePositives + FalseNegatives, Total);

    static double? Ratio(double part, double whole) => whole > 0 ? part / whole : null;
}
