using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan;

/// <summary>What comes before learning: statistics, the label's meaning, and features with their constants.</summary>
public sealed partial class PipelineTraining
{
    /// <summary>
    /// Fits the features as <see cref="RunAsync"/> does, on the rows that are not held out for validation, and learns no model.
    /// They are as a prediction would see them: those made from the label know the own label of rows that they were fitted on.
    /// </summary>
    /// <param name="training">The rows to fit on; those that fail the pipeline's filter are left out.</param>
    /// <param name="rows">
    /// The rows whose features are wanted: often the same. With <see cref="Pushdown"/> the database computes them.
    /// </param>
    /// <param name="keep">Raw columns to put before the features.</param>
    /// <returns>The features of all of <paramref name="rows"/> that pass the pipeline's filter.</returns>
    /// <exception cref="LabelException">The label is missing, constant, or of the wrong kind.</exception>
    /// <exception cref="PipelineException">The pipeline is wrong in itself or does not fit the data.</exception>
    /// <exception cref="PushdownException">The rows can't be asked about where they are.</exception>
    /// <exception cref="SqlNotSupportedException">The database can't find a feature's constants.</exception>
    public async Task<Dataset> FitFeaturesAsync(
        Dataset training, Dataset rows, IReadOnlyList<string> keep, CancellationToken cancellationToken)
    {
        var (transform, types) = await FitAsync(training, cancellationToken);
        return FeaturesOf(rows, transform, types, keep);
    }

    /// <summary>The features alone, and the columns and types that raw data is to be read with.</summary>
    internal async Task<(FrozenTransform Transform, IReadOnlyList<Field> Types)> FitAsync(Dataset training, CancellationToken cancellationToken)
    {
        pipeline.Validate();
        var source = await OpenAsync(training, cancellationToken);
        var (_, transform, _) = await PrepareAsync(Split(source).Train, cancellationToken);
        if (!ReferenceEquals(transform.OutOfFold, transform))
        {
            progress?.Report(new TrainingReport.Notice(
                "features made from the label (target_encode) are as a prediction would see them; in rows that they were " +
                "fitted on they know the row's own label, so a model must not learn from these"));
        }

        return (transform, source.Schema.Fields);
    }

    /// <summary>The features of the rows that pass the filter.</summary>
    internal Dataset FeaturesOf(Dataset rows, FrozenTransform transform, IReadOnlyList<Field> types, IReadOnlyList<string> keep) =>
        (pipeline.Filter is null ? rows : rows.Where(pipeline.Filter)).Transformed(transform, types, keep, Pushdown);

    /// <returns>No statistics where a database has found what was needed: they are for the pass that learns to observe.</returns>
    async Task<(LabelDefinition Label, FrozenTransform Transform, TableStatistics? Statistics)> PrepareAsync(
        IBatchSource train, CancellationToken cancellationToken)
    {
        if (Pushdown)
        {
            var (asked, fitted) = await PrepareInDatabaseAsync(train, cancellationToken);
            return (asked, fitted, null);
        }

        var statistics = await TrainingStatistics.OfAsync(
            pipeline, train, kept, Threads, Pool, Passed("reading", train.RowCount()), cancellationToken);
        var label = LabelResolution.Resolve(pipeline.Label, pipeline.Estimator.Kind.IsClassifier(), train.Schema, statistics);
        label = _start?.LabelFor(label) ?? label;
        var graph = GraphOf(train.Schema, label, statistics);
        var transform = await graph.FitAsync(train, statistics, kept, Passed("analysing", train.RowCount()), cancellationToken);
        return (label, transform, statistics);
    }

    async Task<(LabelDefinition Label, FrozenTransform Transform)> PrepareInDatabaseAsync(
        IBatchSource train, CancellationToken cancellationToken)
    {
        if (pipeline.WantsAutomaticFeatures)
        {
            throw new PipelineException(
                ["features: automatic ones are chosen from statistics, which no query finds; 'capstan init' writes them down, " +
                    "to be fitted by pushdown"]);
        }

        if (kept is not null)
        {
            throw new PipelineException(
                ["analyses are kept of rows that are read here; with pushdown none is read for them, so keep none"]);
        }

        var rows = new DatabaseRows(train);
        progress?.Report(new TrainingReport.Reading($"analysing in {rows.Database}", 0, null));
        TrainingStatistics.CheckRows(train, await rows.CountAsync(cancellationToken));
        var facts = LabelResolution.ColumnOf(pipeline.Label, train.Schema) is { } column
            ? await rows.FactsOfAsync(column, LabelResolution.MostClasses + 1, cancellationToken)
            : null;
        var label = LabelResolution.Resolve(pipeline.Label, pipeline.Estimator.Kind.IsClassifier(), train.Schema, facts);
        label = _start?.LabelFor(label) ?? label;
        var fit = await rows.FitAsync(GraphOf(train.Schema, label, null), Threads, cancellationToken);
        progress?.Report(new TrainingReport.Analysed(rows.Database, fit.Analyses, fit.Queries));
        return (label, fit.Transform);
    }

    /// <param name="statistics">What automatic features are chosen by; null where there are to be none.</param>
    TransformGraph GraphOf(Schema schema, LabelDefinition label, TableStatistics? statistics)
    {
        var graph = new TransformGraph(schema) { Threads = Threads, Pool = Pool };
        var hidden = ExprChildren.ColumnsOf(label.Expression).Concat(pipeline.Exclude)
            .Concat(pipeline.Weight is null ? [] : ExprChildren.ColumnsOf(ExprParser.Parse(pipeline.Weight)))
            .Concat(pipeline.Offset is null ? [] : ExprChildren.ColumnsOf(ExprParser.Parse(pipeline.Offset)))
            .ToHashSet(StringComparer.Ordinal);
        if (pipeline.WantsAutomaticFeatures && statistics is not null)
        {
            var columns = statistics.Schema.Fields.Where(column => !hidden.Contains(column.Name)).ToArray();
            foreach (var (name, expr) in AutomaticFeatures.From(columns, statistics, pipeline.Estimator.Kind.Family()))
            {
                graph[name] = expr;
            }

            NoteUnused(columns, graph);
        }

        var problems = new List<string>();
        foreach (var (name, text) in pipeline.Features)
        {
            try
            {
                graph[name] = ExprParser.Parse(text);
            }
            catch (ArgumentException problem)
            {
                problems.Add($"features.{name}: {problem.Message}");
            }
        }

        if (problems.Count > 0)
        {
            throw new PipelineException(problems);
        }

        if (!graph.Features.Any())
        {
            throw new PipelineException(
                [
                    $"features: no column but {string.Join(", ", hidden)} can be used; " +
                    "all others are constant, empty, or name the row",
                ]);
        }

        if (pipeline.Offset is not null)
        {
            graph[Pipeline.OffsetName] = ExprParser.Parse(pipeline.Offset);
        }

        return graph;
    }

    void NoteUnused(Field[] columns, TransformGraph graph)
    {
        var used = graph.Features.SelectMany(feature => ExprChildren.ColumnsOf(feature.Expr)).ToHashSet(StringComparer.Ordinal);
        foreach (var column in columns.Where(column => !used.Contains(column.Name)))
        {
            progress?.Report(new TrainingReport.Notice(
                $"column '{column.Name}' makes no feature: it is constant, empty, or different in nearly every row"));
        }
    }
}
