using Capstan.Data;
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

    /// <summary>Who reads the rows that statistics and constants are found from; null for this process. Changes no result.</summary>
    internal ISplitPool? Pool { get; init; }

    /// <summary>Who computes the features of the rows to learn from, and of those held out; null for this process.</summary>
    internal ISplitPool? LearnedPool { get; init; }

    /// <inheritdoc cref="LearnedPool"/>
    internal ISplitPool? HeldOutPool { get; init; }

    /// <summary>The rows that <see cref="RunAsync"/> learns from, or those held out, with their features, for those who compute them for another process.</summary>
    internal async Task<IBatchSource> OpenComputedAsync(Dataset dataset, bool heldOut, CancellationToken cancellationToken)
    {
        pipeline.Validate();
        var (train, validation) = Split(await OpenAsync(dataset, cancellationToken));
        var (label, transform, _) = await PrepareAsync(train, cancellationToken);
        // There is none to compute where nothing is held out.
        return heldOut
            ? RowsOf(transform, label, train.Schema).Computed(validation!)
            : RowsOf(transform.OutOfFold, label, train.Schema).Computed(transform.TrainingRows(train));
    }

    FeatureRows RowsOf(FrozenTransform transform, LabelDefinition label, Schema schema) => new(
        transform, label.Expression, pipeline.Weight is null ? null : ExprParser.Parse(pipeline.Weight),
        pipeline.Estimator.LossFor(label.Classes), schema)
    {
        Offset = pipeline.Offset is null ? null : ExprParser.Parse(pipeline.Offset),
    };

    /// <summary>The rows that features are fitted on, for those who read them for another process.</summary>
    internal async Task<IBatchSource> OpenFittedAsync(Dataset dataset, CancellationToken cancellationToken) =>
        Split(await OpenAsync(dataset, cancellationToken)).Train;

    /// <summary>Whether workers and parameter servers take the steps of learning; streams and other models are learned by one machine, or grow.</summary>
    internal static bool IsStepped(Pipeline pipeline) =>
        pipeline.Estimator.Kind.Family() is EstimatorFamily.Linear or EstimatorFamily.Dnn or EstimatorFamily.DnnLinearCombined &&
        !pipeline.Estimator.Stream;

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
        var rows = RowsOf(transform.OutOfFold, label, train.Schema);
        using var store = await StoreAsync(rows, transform.TrainingRows(train), "computing features", null, LearnedPool, cancellationToken);
        var factors = ClassFactorsOf(label, store);
        await use(factors is null ? store : store.Weighed(factors), loss, transform);
    }

    Task<TrainingResult> LearnElsewhereAsync(
        ISharedTraining elsewhere, Loss loss, FrozenTransform transform, FeatureStore train, FeatureStore? validation,
        IProgress<TrainingProgress>? learning, CancellationToken cancellationToken)
    {
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
