using Microsoft.ML;
using Microsoft.ML.Data;

namespace Capstan.Models.MLNet;

/// <summary>The predictions for the row at which a cursor or an engine stands, computed once for each row, when first asked for.</summary>
sealed class RowPrediction(ModelArtifact model, DataViewRow row)
{
    readonly ModelScorer _scorer = new(model.Transform, model.Predictor);
    readonly RawRowReader _reader = new(model.Transform.Input, row);
    readonly float[] _scores = new float[model.Predictor.Output.Width];
    readonly float[] _predictions = new float[model.Predictor.Output.Width];
    long _position = -1;

    public Delegate GetterOf(PredictionColumn column) => (column, _scores.Length) switch
    {
        (PredictionColumn.Score, 1) when model.Predictor.Output.Task == ModelTask.Regression =>
            (ValueGetter<float>)((ref float value) => value = Predictions[0]),
        (PredictionColumn.Score, 1) => (ValueGetter<float>)((ref float value) => value = Scores[0]),
        (PredictionColumn.Score, _) => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
        {
            var editor = VBufferEditor.Create(ref value, _predictions.Length);
            Predictions.CopyTo(editor.Values);
            value = editor.Commit();
        }),
        (PredictionColumn.Probability, _) => (ValueGetter<float>)((ref float value) => value = Predictions[0]),
        (_, 1) => (ValueGetter<bool>)((ref bool value) => value = ModelOutput.LikeliestClass(Predictions) == 1),
        // ML.NET counts keys from 1.
        _ => (ValueGetter<uint>)((ref uint value) => value = (uint)ModelOutput.LikeliestClass(Predictions) + 1),
    };

    ReadOnlySpan<float> Scores
    {
        get
        {
            Compute();
            return _scores;
        }
    }

    ReadOnlySpan<float> Predictions
    {
        get
        {
            Compute();
            return _predictions;
        }
    }

    void Compute()
    {
        if (row.Position == _position)
        {
            return;
        }

        _scorer.ScoreRaw(_reader.Read(), _scores);
        _scores.CopyTo(_predictions.AsSpan());
        _scorer.Output.ToPredictions(_predictions);
        _position = row.Position;
    }
}
