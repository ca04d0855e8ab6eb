using Capstan.Data;
using Capstan.Features;

namespace Capstan;

/// <summary>How much the model needs each column.</summary>
public sealed partial class TrainedModel
{
    /// <summary>
    /// Shuffles each raw column that the model reads between the rows of a data set, one column at a time, and measures how much
    /// worse the primary metric gets. Best on rows that the model was not trained on; those that the pipeline's filter refuses
    /// are left out.
    /// </summary>
    /// <exception cref="UnknownColumnException">The data lacks a column that the model or the label needs.</exception>
    /// <exception cref="UnreadableDataException">There are no rows with a label, or the metric is not defined for
    /// them.</exception>
    public async Task<ColumnImportances> ImportanceAsync(
        Dataset dataset, ImportanceOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ImportanceOptions();
        options.Validate();
        var (source, weightOf) = await OpenLabelledAsync(dataset, cancellationToken);
        var label = new FrozenExpression(source.Schema, Artifact.Label.Expression);
        var weight = weightOf is null ? null : new FrozenExpression(source.Schema, weightOf);
        var (labelWorkspace, weightWorkspace, accepted) = (label.CreateWorkspace(), weight?.CreateWorkspace(), LossOfLabels());
        string[] inputs = [.. Artifact.Transform.Input.Names];
        var held = new HeldRows(source.Schema.Select(inputs), options.MostRows, options.Seed);
        string[] columns = [.. inputs.Concat(label.Columns).Concat(weight?.Columns ?? []).Distinct(StringComparer.Ordinal)];
        await foreach (var batch in source.ReadAllAsync(columns, cancellationToken))
        {
            var (labels, weights) = (new double[batch.RowCount], new double[batch.RowCount]);
            Array.Fill(weights, 1);
            label.Apply(batch, labels, labelWorkspace);
            weight?.Apply(batch, weights, weightWorkspace!); // made together
            var taken = Enumerable.Range(0, batch.RowCount)
                .Where(row => float.IsFinite((float)labels[row]) && accepted.Accepts((float)labels[row])).ToArray();
            Array.ForEach(taken, row => FeatureRows.CheckWeight(weights[row]));
            held.Add(batch, taken, labels, weights);
        }

        // Shuffling and scoring is arithmetic for seconds: not on a caller's thread.
        return await Task.Run(() => new PermutationImportance(Artifact, held, options).Measure(cancellationToken), cancellationToken)
            ?? throw new UnreadableDataException(
                string.Join(", ", dataset.Names),
                "there is nothing to measure a loss of quality by: no row with a label is left, or all labels are the same.");
    }
}
