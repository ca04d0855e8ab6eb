namespace Capstan.Training;

/// <summary>Where a figure may really lie, seen from the rows at hand.</summary>
/// <param name="Low">As likely as not above half of what is left: the interval is two-sided.</param>
/// <param name="StandardError">The figure's standard deviation over data sets like this one.</param>
/// <param name="Confidence">The share of such intervals that cover the truth, such as 0.95.</param>
public readonly record struct ConfidenceInterval(double Low, double High, double StandardError, double Confidence);
