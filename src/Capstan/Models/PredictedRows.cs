using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan;

/// <summary>Copies of some raw rows with their predictions; the memory is used again.</summary>
sealed class PredictedRows
{
    BatchBuilder? _rows;
    float[] _predictions = [];

    public PredictedBatch Predicted { get; private set; }

    public long Bytes => BatchCopy.BytesOf(Predicted.Rows) + sizeof(float) * (long)Predicted.Predictions.Length;

    /// <summary>Scores the batches of one thread.</summary>
    public sealed class Maker(FrozenTransform transform, IPredictor predictor)
    {
        readonly ModelScorer _scorer = new(transform, predictor);

        public PredictedRows Of(ColumnBatch batch, PredictedRows? used)
        {
            var result = used ?? new PredictedRows();
            var count = batch.RowCount * _scorer.Output.Width;
            Array.Resize(ref result._predictions, Math.Max(result._predictions.Length, count));
            _scorer.Score(batch, result._predictions.AsSpan(0, count));
            result._rows = BatchCopy.Of(batch, result._rows);
            result.Predicted = new PredictedBatch(result._rows.Batch, result._predictions.AsMemory(0, count));
            return result;
        }
    }
}
