using Capstan.Data;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// Root mean squared error, mean absolute error, R² and bias of predicted values, weighted, in constant memory.
/// </summary>
/// <remarks>
/// rmse = √(Σ w (s − y)² / Σ w); mae = Σ w |s − y| / Σ w; r2 = 1 − Σ w (s − y)² / Σ w (y − ȳ)², undefined where the labels are
/// constant; bias = Σ w (s − y) / Σ w. Sums are doubles in row order; the labels' spread is West's weighted update (1979).
/// </remarks>
public sealed class RegressionEvaluator : IEvaluator, IMergeable<RegressionEvaluator>
{
    long _rows;
    double _weight;
    double _squaredErrors;
    double _absoluteErrors;
    double _errors;
    double _labelMean;
    double _labelSquares;

    public static RegressionEvaluator Empty => new();

    public void Add(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        Evaluators.Check(scores, labels, weights, labelsAreClasses: false);
        _rows += scores.Length;
        for (var row = 0; row < scores.Length; row++)
        {
            double weight = weights[row];
            if (weight == 0)
            {
                continue;
            }

            var error = (double)scores[row] - labels[row];
            _squaredErrors += weight * error * error;
            _absoluteErrors += weight * Math.Abs(error);
            _errors += weight * error;
            AddLabels(weight, labels[row], 0);
        }
    }

    public RegressionEvaluator Merge(RegressionEvaluator other)
    {
        var merged = new RegressionEvaluator
        {
            _rows = _rows + other._rows,
            _weight = _weight,
            _squaredErrors = _squaredErrors + other._squaredErrors,
            _absoluteErrors = _absoluteErrors + other._absoluteErrors,
            _errors = _errors + other._errors,
            _labelMean = _labelMean,
            _labelSquares = _labelSquares,
        };
        if (other._weight > 0)
        {
            merged.AddLabels(other._weight, other._labelMean, other._labelSquares);
        }

        return merged;
    }

    public Evaluation Conclude() => new(ModelTask.Regression, _rows,
    [
        new("rmse", PerWeight(_squaredErrors) is { } square ? Math.Sqrt(square) : null, HigherIsBetter: false),
        new("mae", PerWeight(_absoluteErrors), HigherIsBetter: false),
        new("r2", _labelSquares > 0 ? 1 - _squaredErrors / _labelSquares : null, HigherIsBetter: true),
        new("bias", PerWeight(_errors), HigherIsBetter: false),
    ], []);

    double? PerWeight(double sum) => _weight > 0 ? sum / _weight : null;

    void AddLabels(double weight, double mean, double squares)
    {
        var total = _weight + weight;
        var delta = mean - _labelMean;
        _labelSquares += squares + delta * delta * (_weight * weight / total);
        _labelMean += delta * (weight / total);
        _weight = total;
    }
}
