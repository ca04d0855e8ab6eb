using Capstan.Data;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>Accuracy, log loss and F1 of scores for several classes, weighted, in memory that grows with classes² alone.</summary>
/// <remarks>
/// <c>accuracy</c>: the class of the highest score (of equals the first) is the label. <c>log_loss</c>: mean of
/// ln Σ e^score − the label's score, in nats and not clipped. <c>macro_f1</c>, <c>macro_precision</c>, <c>macro_recall</c>: the mean
/// over the classes that occur as labels or as predictions; a class that is never predicted has precision 0. <c>top_3_accuracy</c>:
/// fewer than three classes score higher than the label's (from four classes on).
/// Source: definitions as in scikit-learn (f1_score with <c>average='macro'</c> and <c>zero_division=0</c>, top_k_accuracy_score).
/// </remarks>
public sealed class MulticlassEvaluator : IEvaluator, IMergeable<MulticlassEvaluator>
{
    const int MostClasses = 4096;

    readonly Loss.Softmax _loss;

    // [label × predicted] weights.
    readonly double[] _confusion;
    long _rows;
    double _weight;
    double _logLoss;
    double _inTopThree;

    /// <param name="classCount">From 2 to 4,096.</param>
    public MulticlassEvaluator(int classCount)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(classCount, MostClasses);
        _loss = new Loss.Softmax(classCount);
        _confusion = new double[classCount * classCount];
    }

    /// <summary>Of two classes; an empty one of as many classes merges with any.</summary>
    public static MulticlassEvaluator Empty => new(2);

    int ClassCount => _loss.Output.Width;

    public void Add(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        Check(scores, labels, weights);
        _rows += labels.Length;
        for (var row = 0; row < labels.Length; row++)
        {
            var (weight, label) = ((double)weights[row], (int)labels[row]);
            if (weight == 0)
            {
                continue;
            }

            var own = scores.Slice(row * ClassCount, ClassCount);
            _weight += weight;
            _logLoss += weight * _loss.Of(own, labels[row]);
            _confusion[label * ClassCount + ModelOutput.LikeliestClass(own)] += weight;
            var higher = 0;
            foreach (var score in own)
            {
                higher += score > own[label] ? 1 : 0;
            }

            _inTopThree += higher < 3 ? weight : 0;
        }
    }

    public MulticlassEvaluator Merge(MulticlassEvaluator other)
    {
        if (other.ClassCount != ClassCount)
        {
            var (empty, full) = _rows == 0 ? (this, other) : (other, this);
            return empty._rows == 0
                ? full
                : throw new ArgumentException($"Evaluations of {ClassCount} and {other.ClassCount} classes can't be merged.", nameof(other));
        }

        var merged = new MulticlassEvaluator(ClassCount)
        {
            _rows = _rows + other._rows,
            _weight = _weight + other._weight,
            _logLoss = _logLoss + other._logLoss,
            _inTopThree = _inTopThree + other._inTopThree,
        };
        for (var cell = 0; cell < _confusion.Length; cell++)
        {
            merged._confusion[cell] = _confusion[cell] + other._confusion[cell];
        }

        return merged;
    }

    public Evaluation Conclude()
    {
        var classes = Enumerable.Range(0, ClassCount).Select(ClassQuality).Where(quality => quality.Occurs).ToArray();
        var correct = Enumerable.Range(0, ClassCount).Sum(index => _confusion[index * ClassCount + index]);
        var metrics = new List<Metric>
        {
            new("accuracy", PerWeight(correct), HigherIsBetter: true),
            new("log_loss", PerWeight(_logLoss), HigherIsBetter: false),
            new("macro_f1", Mean(quality => quality.F1), HigherIsBetter: true),
            new("macro_precision", Mean(quality => quality.Precision), HigherIsBetter: true),
            new("macro_recall", Mean(quality => quality.Recall), HigherIsBetter: true),
        };
        if (ClassCount > 3)
        {
            metrics.Add(new("top_3_accuracy", PerWeight(_inTopThree), HigherIsBetter: true));
        }

        return new Evaluation(ModelTask.MulticlassClassification, _rows, [.. metrics], []);

        double? Mean(Func<(bool Occurs, double Precision, double Recall, double F1), double> of) =>
            classes.Length == 0 ? null : classes.Average(of);
    }

    (bool Occurs, double Precision, double Recall, double F1) ClassQuality(int index)
    {
        var (found, labelled, predicted) = (_confusion[index * ClassCount + index], 0.0, 0.0);
        for (var other = 0; other < ClassCount; other++)
        {
            labelled += _confusion[index * ClassCount + other];
            predicted += _confusion[other * ClassCount + index];
        }

        return (labelled + predicted > 0, Ratio(found, predicted), Ratio(found, labelled), Ratio(2 * found, labelled + predicted));

        static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;
    }

    void Check(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        if (scores.Length != labels.Length * ClassCount)
        {
            throw new ArgumentException(
                $"There are {scores.Length} scores for {labels.Length} rows; each row has {ClassCount}.", nameof(scores));
        }

        // The first scores stand for all where labels and weights are checked; then each is.
        Evaluators.Check(scores[..labels.Length], labels, weights, labelsAreClasses: false);
        for (var index = 0; index < scores.Length; index++)
        {
            if (!float.IsFinite(scores[index]))
            {
                throw new ArgumentException(
                    $"A score of row {index / ClassCount} of the batch is {scores[index]}, expected a finite number. The model has " +
                    "diverged: train with a lower learning rate.", nameof(scores));
            }
        }

        for (var row = 0; row < labels.Length; row++)
        {
            if (!_loss.Accepts(labels[row]))
            {
                throw new ArgumentException(
                    $"The label of row {row} of the batch is {labels[row]}, expected {_loss.Labels}.", nameof(labels));
            }
        }
    }

    double? PerWeight(double sum) => _weight > 0 ? sum / _weight : null;
}
