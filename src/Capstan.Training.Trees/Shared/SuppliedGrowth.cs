using Capstan.Models;

namespace Capstan.Training.Trees;

/// <summary>Trees that others grow, taken in one by one; what they predict of the rows followed is added up here.</summary>
sealed class SuppliedGrowth : ITreeGrowth
{
    readonly TreesRun _run;
    readonly ITreeSupply _supply;
    readonly ScoredRows _sample;
    readonly ScoredRows? _validation;
    readonly CancellationToken _cancelled;

    public SuppliedGrowth(
        TreesRun run, Loss loss, FeatureStore train, FeatureStore? validation, ITreeSupply supply, CancellationToken cancellationToken)
    {
        (_run, _supply, _cancelled) = (run, supply, cancellationToken);
        var sample = TrainingSample.Of(train, TreeGrowth.FollowedTrainingRows);
        _sample = new ScoredRows(sample.RowCount, () => [sample], loss);
        _validation = validation is null ? null : new ScoredRows((int)validation.RowCount, () => validation.Rows(8192), loss);
        var start = run.PredictorOf(run.Settled);
        _sample.LossWith(start, cancellationToken);
        _validation?.LossWith(start, cancellationToken);
        supply.Begin(start, run.Count);
    }

    public EpochResult? Grow()
    {
        if (_supply.Next(_cancelled) is not { } grown)
        {
            _run.IsExhausted = true;
            return null;
        }

        var tree = _run.PredictorOf(grown);
        return _run.Take(grown, _sample.LossWith(tree, _cancelled), _validation?.LossWith(tree, _cancelled));
    }

    public void ChangeBooster(CancellationToken cancellationToken)
    {
        // Those who grow count, too.
    }

    public void Dispose()
    {
    }

    /// <summary>Rows with what they score so far.</summary>
    sealed class ScoredRows(int rowCount, Func<IEnumerable<TrainingBatch>> batches, Loss loss)
    {
        readonly RowScores _scores = new(rowCount, batches, loss.Output.Width);

        /// <summary>The weighted mean loss with some trees more, summed in the order of the rows.</summary>
        public double LossWith(BoostedTreesPredictor trees, CancellationToken cancellationToken)
        {
            var sums = _scores.Add(trees, cancellationToken);
            Span<float> scores = stackalloc float[loss.Output.Width];
            double lossSum = 0, weightSum = 0;
            var first = 0;
            foreach (var batch in batches())
            {
                for (var row = 0; row < batch.RowCount; row++)
                {
                    for (var score = 0; score < scores.Length; score++)
                    {
                        scores[score] = (float)sums[score * rowCount + first + row];
                    }

                    lossSum += batch.Weights[row] * loss.Of(scores, batch.Labels[row]);
                    weightSum += batch.Weights[row];
                }

                first += batch.RowCount;
            }

            return lossSum / weightSum;
        }
    }
}
