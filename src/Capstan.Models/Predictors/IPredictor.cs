using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// A trained model over features: immutable data plus kernels, safe to share between threads. A row's score has the same bits
/// whatever rows are scored with it, on every CPU (those of an <see cref="IForeignPredictor"/> but for their last digits).
/// </summary>
public interface IPredictor
{
    /// <summary>How many scores a row has, and what they mean.</summary>
    ModelOutput Output { get; }

    /// <summary>The features expected, which are those of the frozen transform that the model was trained with.</summary>
    FeatureLayout Features { get; }

    /// <summary>
    /// Working memory for one caller at a time; reused from call to call, so that predicting allocates nothing after warm-up.
    /// </summary>
    PredictorWorkspace CreateWorkspace();

    /// <summary>Scores every row.</summary>
    /// <param name="features">Rows in the layout of <see cref="Features"/>.</param>
    /// <param name="scores">
    /// [features.RowCount × Output.Width], row after row, overwritten. Scores as <see cref="Link"/> describes them, not yet
    /// predictions: log-odds, say, not probabilities.
    /// </param>
    /// <param name="workspace">One that this predictor's <see cref="CreateWorkspace"/> made.</param>
    /// <exception cref="ArgumentException"><paramref name="scores"/> is not as long as that.</exception>
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
