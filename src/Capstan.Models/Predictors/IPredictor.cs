using Capstan.Features;

namespace Capstan.Models;

/// <summary>What a model's score means. The numbers are written into artifacts and never reused.</summary>
public enum ModelTask : byte
{
    /// <summary>The score is the predicted value.</summary>
    Regression = 1,

    /// <summary>The score is the log-odds of the positive class.</summary>
    BinaryClassification = 2,
}

/// <summary>
/// A trained model over features: immutable data plus kernels, safe to share between threads. A row's score has the same bits
/// whatever rows are scored with it, on every CPU.
/// </summary>
public interface IPredictor
{
    ModelTask Task { get; }

    /// <summary>The features expected, which are those of the frozen transform that the model was trained with.</summary>
    FeatureLayout Features { get; }

    /// <summary>
    /// Working memory for one caller at a time; reused from call to call, so that predicting allocates nothing after warm-up.
    /// </summary>
    PredictorWorkspace CreateWorkspace();

    /// <summary>Scores every row.</summary>
    /// <param name="features">Rows in the layout of <see cref="Features"/>.</param>
    /// <param name="scores">
    /// [features.RowCount], overwritten. Regression: the value. Classification: log-odds, not probabilities.
    /// </param>
    /// <param name="workspace">One that this predictor's <see cref="CreateWorkspace"/> made.</param>
    /// <exception cref="ArgumentException"><paramref name="scores"/> is not RowCount long.</exception>
    void Predict(FeatureBuffer features, Span<float> scores, PredictorWorkspace workspace);
}

/// <summary>A predictor's working memory. Predictors that need some derive from it.</summary>
public class PredictorWorkspace
{
    /// <summary>For predictors that need none.</summary>
    public static PredictorWorkspace None { get; } = new();

    protected PredictorWorkspace()
    {
    }
}
