using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Serving;

/// <summary>
/// Attributes scores to raw columns: <c>BaseScores[s] + Σ attributions = score s</c>. Not thread-safe: the server keeps one for
/// each request in progress and reuses it.
/// </summary>
public interface IExplainer
{
    /// <summary>What is attributed to, in the order of the attributions.</summary>
    ImmutableArray<string> Columns { get; }

    /// <summary>[Output.Width] the scores that attributions start from.</summary>
    ReadOnlySpan<double> BaseScores { get; }

    /// <summary>Scores every row and attributes the scores.</summary>
    /// <param name="rows">Rows with the schema <see cref="IServedModel.Inputs"/>, columns in that order.</param>
    /// <param name="scores">[rows.RowCount × Output.Width], overwritten: scores, not predictions.</param>
    /// <param name="attributions">[rows.RowCount × Output.Width × Columns], overwritten.</param>
    void Explain(ColumnBatch rows, Span<float> scores, Span<double> attributions);
}
