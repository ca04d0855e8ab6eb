using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>Scores batches of features and compares with their labels: how training and a saved model alike are evaluated.</summary>
sealed class PredictorEvaluation(IPredictor predictor)
{
    readonly IEvaluator _evaluator = Evaluators.For(predictor.Task);
    readonly PredictorWorkspace _workspace = predictor.CreateWorkspace();
    float[] _scores = [];

    public void Add(TrainingBatch batch)
    {
        if (_scores.Length < batch.RowCount)
        {
            _scores = new float[batch.RowCount];
        }

        var scores = _scores.AsSpan(0, batch.RowCount);
        predictor.Predict(batch.Features, scores, _workspace);
        _evaluator.Add(scores, batch.Labels, batch.Weights);
    }

    public Evaluation Conclude() => _evaluator.Conclude();
}
