using Capstan.Data;
using Capstan.Features;

namespace Capstan;

/// <summary>A pipeline made from data, for a person to edit.</summary>
/// <param name="Pipeline">
/// With the automatic features written out. They hold no constants found in the data, so training fits them to whatever rows it
/// is given.
/// </param>
/// <param name="Statistics">Of all raw columns.</param>
/// <param name="UnusedColumns">Columns of which no feature is made: constant, empty, or different in nearly every row.</param>
public sealed record PipelineDraft(Pipeline Pipeline, TableStatistics Statistics, IReadOnlyList<string> UnusedColumns)
{
    /// <summary>Reads the data once and writes down the features that a training would choose for it.</summary>
    /// <param name="label">A column, or an expression such as <c>delay &gt; 15</c>; the columns in it make no features.</param>
    /// <exception cref="LabelException">The label is missing in the data, constant, or can't be learned.</exception>
    /// <exception cref="PipelineException">No column but the label's makes a feature.</exception>
    /// <exception cref="ExpressionSyntaxException">The label is no expression.</exception>
    /// <exception cref="UnreadableDataException">There are no rows.</exception>
    public static async Task<PipelineDraft> FromDataAsync(
        Dataset dataset, string label, EstimatorFamily family, CancellationToken cancellationToken)
    {
        var hidden = ExprChildren.ColumnsOf(ExprParser.Parse(label)).ToHashSet(StringComparer.Ordinal);
        var source = await dataset.OpenAsync(cancellationToken);
        var statistics = await DescribeAsync(source, [.. source.Schema.Names], cancellationToken);
        var kind = family.For(LabelResolution.AsksForClasses(label, source.Schema, statistics));
        Field[] columns = [.. source.Schema.Fields.Where(column => !hidden.Contains(column.Name))];
        var features = AutomaticFeatures.From(columns, statistics, family).ToArray();
        if (features.Length == 0)
        {
            throw new PipelineException(
                [
                    $"features: no column but {string.Join(", ", hidden)} can be used; " +
                    "all others are constant, empty, or name the row",
                ]);
        }

        var used = features.SelectMany(feature => ExprChildren.ColumnsOf(feature.Expr)).ToHashSet(StringComparer.Ordinal);
        var pipeline = new Pipeline
        {
            Label = label,
            Features = features.ToDictionary(feature => feature.Name, feature => FeatureText.Of(feature.Expr)),
            Estimator = new EstimatorDefinition { Kind = kind },
        };
        var unused = columns.Select(column => column.Name).Where(name => !used.Contains(name));
        return new PipelineDraft(pipeline, statistics, [.. unused]);
    }

    /// <summary>Looks at the label alone: a pipeline whose features are chosen when it is trained.</summary>
    /// <exception cref="LabelException">The label is missing in the data, constant, or can't be learned.</exception>
    /// <exception cref="ExpressionSyntaxException">The label is no expression.</exception>
    public static async Task<Pipeline> ForLabelAsync(
        Dataset dataset, string label, EstimatorFamily family, CancellationToken cancellationToken)
    {
        var source = await dataset.OpenAsync(cancellationToken);
        var columns = ExprChildren.ColumnsOf(ExprParser.Parse(label)).Distinct(StringComparer.Ordinal)
            .Where(name => source.Schema.IndexOf(name) >= 0);
        var statistics = await DescribeAsync(source, [.. columns], cancellationToken);
        return new Pipeline
        {
            Label = label,
            Estimator = new EstimatorDefinition
            {
                Kind = family.For(LabelResolution.AsksForClasses(label, source.Schema, statistics)),
            },
        };
    }

    static async Task<TableStatistics> DescribeAsync(
        IBatchSource source, IReadOnlyList<string> columns, CancellationToken cancellationToken)
    {
        var statistics = columns.Count == 0
            ? new TableStatistics(source.Schema.Select(columns))
            : await TableStatistics.OfAsync(source, columns, ParallelPass.AllThreads, null, cancellationToken);
        return statistics.RowCount > 0 || columns.Count == 0 ? statistics : throw new UnreadableDataException(
            source.Splits[0].Name, "there are no rows to learn from; check the file and the condition that rows must meet.");
    }
}
