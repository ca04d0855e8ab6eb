using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>
/// Scores batches of features and compares with their labels: how training and a saved model alike are evaluated.
/// </summary>
sealed class PredictorEvaluation(IPredictor predictor)
{
    readonly IEvaluator _evaluator = Evaluators.For(predictor.Output);
    readonly PredictorWorkspace _workspace = predictor.CreateWorkspace();
    float[] _scores = [];

    public void Add(TrainingBatch batch)
    {
        var count = batch.RowCount * predictor.Output.Width;
        if (_scores.Length < count)
        {
            _scores = new float[count];
        }

        var scores = _scores.AsSpan(0, count);
        predictor.Predict(batch.Features, scores, _workspace);
        Evaluators.Prepare(predictor.Output, scores);
        _evaluator.Add(scores, batch.Labels, batch.Weights);
    }

    public Evaluation Conclude() => _evaluator.Conclude();
}
