using System.Runtime.CompilerServices;
using Capstan.Data;
using Capstan.Models;

namespace Capstan;

/// <summary>Why the model predicts what it predicts, row by row.</summary>
public sealed partial class TrainedModel
{
    // As many rows as are explained at a time: a row has an attribution for each score and feature.
    const int ExplainedRows = 256;

    /// <summary>
    /// Predicts every row of a data set and attributes its scores to the raw columns that the model reads, batch by batch.
    /// </summary>
    /// <param name="alsoRead">Columns wanted in the batches besides those that the model needs.</param>
    /// <param name="method">The model's own, or sampled Shapley values.</param>
    /// <exception cref="UnknownColumnException">The data lacks a column that the model needs.</exception>
    public async IAsyncEnumerable<ExplainedBatch> ExplainAsync(
        Dataset dataset, IReadOnlyList<string> alsoRead, AttributionMethod method = AttributionMethod.Own,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var source = await OpenAsync(dataset, cancellationToken);
        string[] columns = [.. alsoRead.Concat(Artifact.Transform.Input.Names).Distinct(StringComparer.Ordinal)];
        var explainer = new ModelExplainer(Artifact, method);
        var width = explainer.Output.Width;
        var (scores, predictions) = (new float[ExplainedRows * width], new float[ExplainedRows * width]);
        var attributions = new double[ExplainedRows * width * explainer.Columns.Length];
        BatchBuilder? part = null;
        await foreach (var batch in source.ReadAllAsync(columns, cancellationToken))
        {
            part ??= new BatchBuilder(batch.Schema);
            for (var first = 0; first < batch.RowCount; first += ExplainedRows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                part.Clear();
                part.AppendRange(batch, first, Math.Min(ExplainedRows, batch.RowCount - first));
                var count = part.Batch.RowCount * width;
                var own = attributions.AsMemory(0, count * explainer.Columns.Length);
                explainer.Explain(part.Batch, scores.AsSpan(0, count), own.Span);
                scores.AsSpan(0, count).CopyTo(predictions);
                explainer.Output.ToPredictions(predictions.AsSpan(0, count));
                yield return new ExplainedBatch(
                    part.Batch, explainer, predictions.AsMemory(0, count), scores.AsMemory(0, count), own);
            }
        }
    }

    /// <summary>Predicts some objects with the properties that the training rows had, and says why.</summary>
    /// <param name="method">The model's own, or sampled Shapley values.</param>
    public async Task<Explanation[]> ExplainAsync<T>(
        IEnumerable<T> rows, AttributionMethod method = AttributionMethod.Own, CancellationToken cancellationToken = default)
    {
        var explanations = new List<Explanation>();
        await foreach (var batch in ExplainAsync(Dataset.From(rows), [], method, cancellationToken))
        {
            explanations.AddRange(Enumerable.Range(0, batch.Rows.RowCount).Select(batch.Of));
        }

        return [.. explanations];
    }
}
