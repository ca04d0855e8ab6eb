using Capstan.Features;

namespace Capstan.Models;

/// <summary>A predictor that can say what each feature of a row contributed to its scores.</summary>
public interface IExplainablePredictor : IPredictor
{
    /// <summary>
    /// Working memory for explaining, for one caller at a time; reused from call to call, so that explaining allocates nothing after
    /// warm-up.
    /// </summary>
    PredictorWorkspace CreateExplanationWorkspace();

    /// <summary>Explains every row: the attributions of a score add up to it, but for rounding.</summary>
    /// <param name="features">Rows in the layout of <see cref="IPredictor.Features"/>.</param>
    /// <param name="attributions">
    /// [features.RowCount × Output.Width × (features + 1)], overwritten, in the units of the scores: for each row and score one number for each
    /// numeric feature, each category feature, in the order of the layout, and last the score to expect without knowing any.
    /// </param>
    /// <param name="workspace">One that this predictor's <see cref="CreateExplanationWorkspace"/> made.</param>
    /// <exception cref="ArgumentException">A length or a layout differs, or the workspace is another predictor's.</exception>
    void Explain(FeatureBuffer features, Span<float> attributions, PredictorWorkspace workspace);
}
