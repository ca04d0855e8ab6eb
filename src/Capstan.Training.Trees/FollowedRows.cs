using Capstan.Models;

namespace Capstan.Training.Trees;

/// <summary>
/// Rows whose loss is told after every tree: those that early stopping watches, or some of those learned from. Their bins lie in
/// LightGBM, their labels and weights here.
/// </summary>
sealed class FollowedRows : IDisposable
{
    readonly BinnedRows _rows;
    readonly RowScores _start;
    readonly Loss _loss;
    readonly float[] _labels;
    readonly float[] _weights;
    readonly double[] _predictions;

    /// <param name="batches">The rows, from the first on, as often as asked.</param>
    public FollowedRows(
        BinnedRows training, int rowCount, Func<IEnumerable<TrainingBatch>> batches, Loss loss, CancellationToken cancellationToken)
    {
        _loss = loss;
        _labels = new float[rowCount];
        _weights = new float[rowCount];
        _predictions = GC.AllocateUninitializedArray<double>(rowCount * loss.Output.Width);
        _start = new RowScores(rowCount, batches, loss.Output.Width);
        var first = 0;
        _rows = BinnedRows.Like(training, rowCount, batches(), Keep, cancellationToken);

        void Keep(TrainingBatch batch)
        {
            batch.Labels.CopyTo(_labels.AsSpan(first));
            batch.Weights.CopyTo(_weights.AsSpan(first));
            first += batch.RowCount;
        }
    }

    /// <summary>Lets the next booster begin where some trees more have come to.</summary>
    public void Begin(BoostedTreesPredictor trees, CancellationToken cancellationToken) =>
        _rows.SetStart(_start.Add(trees, cancellationToken));

    /// <summary>Makes a booster keep their predictions; it tells them under the next place, from 1 on.</summary>
    public void Follow(Booster booster) => booster.AddValidation(_rows);

    /// <summary>
    /// The weighted mean loss with all trees so far. Summed here in the order of the rows, since LightGBM's own sum depends on the
    /// number of threads, and with it which tree is the best.
    /// </summary>
    /// <param name="place">Of these rows among those that the booster follows, from 1.</param>
    public double LossIn(Booster booster, int place)
    {
        booster.Predictions(place, _predictions);
        var objective = new LightGbmObjective(_loss);
        Span<float> scores = stackalloc float[_loss.Output.Width];
        double lossSum = 0, weightSum = 0;
        for (var row = 0; row < _labels.Length; row++)
        {
            objective.ScoresOf(_predictions, row, _labels.Length, scores);
            lossSum += _weights[row] * _loss.Of(scores, _labels[row]);
            weightSum += _weights[row];
        }

        return lossSum / weightSum;
    }

    public void Dispose() => _rows.Dispose();
}
