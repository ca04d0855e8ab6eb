using Capstan.Features;
using Capstan.Models;
using Capstan.Training;
using Capstan.Training.Trees;

namespace Capstan;

/// <summary>A training that several machines share: one runs the pipeline, the others learn from the same rows.</summary>
public sealed partial class PipelineTraining
{
    /// <summary>Where the learner's steps are taken; null: here.</summary>
    internal ISharedTraining? Elsewhere { get; init; }

    /// <summary>Who grows boosted trees; null: this process.</summary>
    internal ITreeSupply? TreeSupply { get; init; }

    /// <summary>What only one machine can train is better missed before the data is read.</summary>
    /// <exception cref="PipelineException">The pipeline's estimator is none that several machines can train.</exception>
    internal static void CheckSharable(Pipeline pipeline)
    {
        if (pipeline.Estimator.Kind.Family() == EstimatorFamily.Baseline || pipeline.Estimator.Stream)
        {
            throw new PipelineException(
            [
                $"estimator: {pipeline.Estimator.Kind} is trained by one machine{(pipeline.Estimator.Stream ? ", as are streams" : "")}; " +
                "linear models, networks and boosted trees (--estimator linear, dnn, dnn-linear-combined or boosted-trees) are trained by several",
            ]);
        }
    }

    /// <summary>The rows that <see cref="RunAsync"/> learns from, in its order, for a member that learns from them as well.</summary>
    internal Task WithTrainingRowsAsync(Dataset dataset, Func<FeatureStore, Task> use, CancellationToken cancellationToken) =>
        WithTrainingRowsAsync(dataset, (store, _, _) => use(store), cancellationToken);

    /// <summary>The same with what <see cref="RunAsync"/> grows trees by.</summary>
    internal Task WithTreesRowsAsync(
        Dataset dataset, Func<FeatureStore, Loss, BoostedTreesOptions, Task> use, CancellationToken cancellationToken) =>
        WithTrainingRowsAsync(dataset, (store, loss, transform) => use(store, loss, TreesOptionsFor(loss, transform)), cancellationToken);

    async Task WithTrainingRowsAsync(
        Dataset dataset, Func<FeatureStore, Loss, FrozenTransform, Task> use, CancellationToken cancellationToken)
    {
        pipeline.Validate();
        var source = await OpenAsync(dataset, cancellationToken);
        var (train, _) = Split(source);
        var (label, transform, _) = await PrepareAsync(train, cancellationToken);
        var loss = pipeline.Estimator.LossFor(label.Classes);
        var rows = new FeatureRows(
            transform.OutOfFold, label.Expression, pipeline.Weight is null ? null : ExprParser.Parse(pipeline.Weight), loss, train.Schema)
        {
            Offset = pipeline.Offset is null ? null : ExprParser.Parse(pipeline.Offset),
        };
        using var store = await StoreAsync(rows, transform.TrainingRows(train), "computing features", null, cancellationToken);
        var factors = ClassFactorsOf(label, store);
        await use(factors is null ? store : store.Weighed(factors), loss, transform);
    }

    Task<TrainingResult> LearnElsewhereAsync(
        ISharedTraining elsewhere, Loss loss, FrozenTransform transform, FeatureStore train, FeatureStore? validation,
        IProgress<TrainingProgress>? learning, CancellationToken cancellationToken)
    {
        CheckSharable(pipeline);
        var labels = StartingMoments(loss, train);
        // Made for what it finds wrong, and for what an earlier model gives it to begin with.
        var learner = LearnerFor(loss, transform, labels, train.RowCount, _start);
        using var threads = learner as IDisposable;
        var definition = DefinitionOf(learner, loss, transform.Output, labels, train.RowCount);
        var task = new SharedTask(
            loss, transform.Output, definition, pipeline.Estimator.TrainingOptions(pipeline.Seed, train.RowCount),
            _start is null ? null : learner.Freeze());
        return elsewhere.RunAsync(task, train, validation, learning, cancellationToken);
    }

    LearnerDefinition DefinitionOf(ILearner learner, Loss loss, FeatureLayout layout, LabelMoments labels, long rows)
    {
        switch (learner)
        {
            case FtrlLearner linear:
                return new LearnerDefinition.Linear(
                    pipeline.Estimator.LinearOptions(OffsetOf(loss)), linear.Target.Center, linear.Target.Scale);
            case SoftmaxFtrlLearner:
                return new LearnerDefinition.Linear(pipeline.Estimator.LinearOptions(null), 0, 1);
            default:
                var (options, scaling) = NetworkOptionsFor(loss, layout, labels, rows, _start);
                return new LearnerDefinition.Network(options, scaling);
        }
    }
}
