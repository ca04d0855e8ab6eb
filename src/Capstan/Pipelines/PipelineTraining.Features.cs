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
    /// <param name="rows">The rows whose features are wanted: often the same.</param>
    /// <param name="keep">Raw columns to put before the features.</param>
    /// <returns>The features of all of <paramref name="rows"/> that pass the pipeline's filter.</returns>
    /// <exception cref="LabelException">The label is missing, constant, or of the wrong kind.</exception>
    /// <exception cref="PipelineException">The pipeline is wrong in itself or does not fit the data.</exception>
    public async Task<Dataset> FitFeaturesAsync(
        Dataset training, Dataset rows, IReadOnlyList<string> keep, CancellationToken cancellationToken)
    {
        pipeline.Validate();
        var source = await OpenAsync(training, cancellationToken);
        var (_, _, transform) = await PrepareAsync(Split(source).Train, cancellationToken);
        if (!ReferenceEquals(transform.OutOfFold, transform))
        {
            progress?.Report(new TrainingReport.Notice(
                "features made from the label (target_encode) are as a prediction would see them; in rows that they were " +
                "fitted on they know the row's own label, so a model must not learn from these"));
        }

        var filtered = pipeline.Filter is null ? rows : rows.Where(pipeline.Filter);
        return filtered.Transformed(transform, source.Schema.Fields, keep);
    }

    async Task<(TableStatistics Statistics, LabelDefinition Label, FrozenTransform Transform)> PrepareAsync(
        IBatchSource train, CancellationToken cancellationToken)
    {
        var statistics = await TrainingStatistics.OfAsync(
            pipeline, train, kept, Threads, Passed("reading", train.RowCount()), cancellationToken);
        var label = LabelResolution.Resolve(pipeline.Label, pipeline.Estimator.Kind.IsClassifier(), train.Schema, statistics);
        label = _start?.LabelFor(label) ?? label;
        return (statistics, label, await FitAsync(train, label, statistics, cancellationToken));
    }
}
