namespace Capstan.Gateway;

/// <summary>When a version on trial loses its share again.</summary>
/// <param name="Version">The version on trial.</param>
/// <param name="MaxErrorPercent">
/// It may fail by so many percentage points more of its requests than the other versions together; more is a failure if chance is no
/// explanation.
/// </param>
/// <param name="MaxLatencyRatio">Its 95th percentile may be so many times that of the others.</param>
/// <param name="MinRequests">Nothing is decided before it has had so many requests.</param>
/// <param name="MaxPredictionShift">
/// Its predictions may be so far from those of the others: the Kolmogorov–Smirnov distance, 0 to 1, of the first 5,000 of either side, of
/// requests with one instance and one number. Null does not look.
/// </param>
/// <param name="MaxInputSkew">
/// What it is asked may be so far from its training data, in any column: L-infinity of texts and booleans, Jensen–Shannon divergence of
/// numbers, the difference of the shares of missing values; of its first 2,000 requests. Null does not look.
/// </param>
public sealed record CanarySettings(
    string Version, double MaxErrorPercent = 1, double MaxLatencyRatio = 2, int MinRequests = 200, double? MaxPredictionShift = null,
    double? MaxInputSkew = null)
{
    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public void Check()
    {
        if (!(MaxErrorPercent is >= 0 and <= 100 && MaxLatencyRatio >= 1 && MinRequests >= 1))
        {
            throw new ArgumentException(
                $"The canary's limits are {MaxErrorPercent} % errors, {MaxLatencyRatio} times the latency and {MinRequests} requests; expected 0 to " +
                $"100, 1 or more, and 1 or more.");
        }

        if (!((MaxPredictionShift ?? 0) is >= 0 and <= 1 && (MaxInputSkew ?? 0) is >= 0 and <= 1))
        {
            throw new ArgumentException(
                $"The canary's predictions may shift by {MaxPredictionShift}, and its inputs may be {MaxInputSkew} from its training data; expected 0 to 1.");
        }
    }
}
