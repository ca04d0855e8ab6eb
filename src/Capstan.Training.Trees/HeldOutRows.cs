namespace Capstan.Training.Trees;

/// <summary>The rows that early stopping watches: their bins in LightGBM, their labels and weights here.</summary>
sealed class HeldOutRows : IDisposable
{
    readonly BinnedRows _rows;
    readonly Booster _booster;
    readonly LightGbmObjective _objective;
    readonly float[] _labels;
    readonly float[] _weights;
    readonly double[] _predictions;

    public HeldOutRows(
        BinnedRows training, FeatureStore rows, Booster booster, LightGbmObjective objective, CancellationToken cancellationToken)
    {
        (_booster, _objective) = (booster, objective);
        _labels = new float[rows.RowCount];
        _weights = new float[rows.RowCount];
        _predictions = GC.AllocateUninitializedArray<double>(_labels.Length * objective.Loss.Output.Width, pinned: true);
        var first = 0;
        _rows = BinnedRows.Like(training, rows, Keep, cancellationToken);
        booster.AddValidation(_rows);

        void Keep(TrainingBatch batch)
        {
            batch.Labels.CopyTo(_labels.AsSpan(first));
            batch.Weights.CopyTo(_weights.AsSpan(first));
            first += batch.RowCount;
        }
    }

    /// <summary>
    /// The weighted mean loss with all trees so far. Summed here in the order of the rows, since LightGBM's own sum depends on the
    /// number of threads, and with it which tree is the best.
    /// </summary>
    public double Loss()
    {
        _booster.PredictValidation(_predictions);
        Span<float> scores = stackalloc float[_objective.Loss.Output.Width];
        double lossSum = 0, weightSum = 0;
        for (var row = 0; row < _labels.Length; row++)
        {
            _objective.ScoresOf(_predictions, row, _labels.Length, scores);
            lossSum += _weights[row] * _objective.Loss.Of(scores, _labels[row]);
            weightSum += _weights[row];
        }

        return lossSum / weightSum;
    }

    public void Dispose() => _rows.Dispose();
}
