using Capstan.Data;
using Capstan.Models;

namespace Capstan;

/// <summary>Copies of some raw rows with their predictions; the memory is used again.</summary>
sealed class PredictedRows
{
    BatchBuilder? _rows;
    float[] _predictions = [];
    float[] _bounds = [];

    public PredictedBatch Predicted { get; private set; }

    public long Bytes => BatchCopy.BytesOf(Predicted.Rows) + sizeof(float) * ((long)Predicted.Predictions.Length + Predicted.Bounds.Length);

    /// <summary>Scores the batches of one thread.</summary>
    public sealed class Maker(ModelArtifact artifact)
    {
        readonly ModelScorer _scorer = new(artifact.Transform, artifact.Predictor);
        readonly IntervalScorer? _intervals = artifact.Intervals is null ? null : new IntervalScorer(artifact);

        public PredictedRows Of(ColumnBatch batch, PredictedRows? used)
        {
            var result = used ?? new PredictedRows();
            var count = batch.RowCount * _scorer.Output.Width;
            var ends = _intervals is null ? 0 : 2 * count;
            Array.Resize(ref result._predictions, Math.Max(result._predictions.Length, count));
            Array.Resize(ref result._bounds, Math.Max(result._bounds.Length, ends));
            if (_intervals is null)
            {
                _scorer.Score(batch, result._predictions.AsSpan(0, count));
            }
            else
            {
                _intervals.Score(batch, result._predictions.AsSpan(0, count), result._bounds.AsSpan(0, ends));
            }

            result._rows = BatchCopy.Of(batch, result._rows);
            result.Predicted = new PredictedBatch(result._rows.Batch, result._predictions.AsMemory(0, count))
            {
                Bounds = result._bounds.AsMemory(0, ends),
            };
            return result;
        }
    }
}
