using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// Attributes the scores of rows to their features: <c>BaseScores[s] + Σ attributions = score s</c>, but for rounding. A row's
/// attributions have the same bits whatever rows are explained with it. Has its own working memory and allocates nothing after
/// warm-up; not thread-safe.
/// </summary>
public interface IAttributor
{
    /// <summary>[Output.Width] what a row scores of which nothing is known: scores, not predictions (log-odds, say).</summary>
    ReadOnlySpan<double> BaseScores { get; }

    /// <summary>Attributes the scores of every row.</summary>
    /// <param name="features">Rows in the predictor's layout.</param>
    /// <param name="attributions">
    /// [features.RowCount × Output.Width × features], overwritten: numeric features first, then categories, each in the layout's
    /// order; in units of the score.
    /// </param>
    /// <exception cref="ArgumentException">The layout is another one, or <paramref name="attributions"/> is not as long as
    /// that.</exception>
    void Attribute(FeatureBuffer features, Span<double> attributions);
}
