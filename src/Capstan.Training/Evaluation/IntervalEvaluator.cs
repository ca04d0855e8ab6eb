namespace Capstan.Training;

/// <summary>How prediction intervals held on some labelled rows.</summary>
/// <param name="Promised">The share of labels that was to lie inside.</param>
/// <param name="Coverage">The share that did, weighted; null of no rows.</param>
/// <param name="StandardError">Of the coverage: its standard deviation over data sets like this one, intervals and model being
/// given.</param>
/// <param name="MeanWidth">From one end to the other, in units of the label.</param>
public sealed record IntervalEvaluation(double Promised, double? Coverage, double? StandardError, double? MeanWidth);

/// <summary>Counts labels inside of intervals, in constant memory.</summary>
/// <param name="promised">The share of labels that is to lie inside.</param>
public sealed class IntervalEvaluator(double promised)
{
    double _weight;
    double _squaredWeight;
    double _inside;
    double _width;

    /// <param name="bounds">[rows × 2] where each interval begins and ends; both belong to it.</param>
    /// <param name="labels">[rows]</param>
    /// <param name="weights">[rows] ≥ 0</param>
    /// <exception cref="ArgumentException">Lengths differ.</exception>
    public void Add(ReadOnlySpan<float> bounds, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        if (bounds.Length != 2L * labels.Length || weights.Length != labels.Length)
        {
            throw new ArgumentException(
                $"There are {bounds.Length} ends, {labels.Length} labels and {weights.Length} weights; a row has two, one and one.");
        }

        for (var row = 0; row < labels.Length; row++)
        {
            var (low, high, weight) = (bounds[2 * row], bounds[2 * row + 1], (double)weights[row]);
            _weight += weight;
            _squaredWeight += weight * weight;
            _inside += low <= labels[row] && labels[row] <= high ? weight : 0;
            _width += weight * ((double)high - low);
        }
    }

    public IntervalEvaluation Conclude()
    {
        if (_weight == 0)
        {
            return new IntervalEvaluation(promised, null, null, null);
        }

        var coverage = _inside / _weight;
        return new IntervalEvaluation(
            promised, coverage, Math.Sqrt(coverage * (1 - coverage) * _squaredWeight) / _weight, _width / _weight);
    }
}
