using Capstan.Features;
using Capstan.Models;
using Capstan.Training;
using Capstan.Training.Trees;

namespace Capstan;

/// <summary>What learns, by the family of the estimator.</summary>
public sealed partial class PipelineTraining
{
    TrainingResult Learn(
        TrainingLoop loop, Loss loss, FrozenTransform transform, FeatureStore train, FeatureStore? validation, WarmStart? start,
        IProgress<TrainingProgress>? learning, CancellationToken cancellationToken, ITreeSupply? supply = null)
    {
        if (pipeline.Estimator.IsTrees)
        {
            var growing = new BoostedTreesTraining(clock)
            {
                Checkpoints = loop.Checkpoints, From = EarlierTrees(loss, transform, start), Supply = supply,
            };
            return growing.Run(loss, train, validation, TreesOptionsFor(loss, transform), learning, cancellationToken);
        }

        var learner = LearnerFor(loss, transform, StartingMoments(loss, train), train.RowCount, start);
        using var threads = learner as IDisposable;
        return loop.Run(
            learner, train, validation, pipeline.Estimator.TrainingOptions(pipeline.Seed, train.RowCount), learning,
            cancellationToken);
    }

    BoostedTreesOptions TreesOptionsFor(Loss loss, FrozenTransform transform) =>
        pipeline.Estimator.BoostedTreesOptions(pipeline.Seed, Threads, OffsetOf(loss), ImputedNumbers.Of(transform));

    TreeEnsemble? EarlierTrees(Loss loss, FrozenTransform transform, WarmStart? start)
    {
        if (start is null)
        {
            return null;
        }

        var (trees, carried) = start.Trees(loss.Output, transform);
        progress?.Report(new TrainingReport.Notice(carried));
        return trees;
    }

    /// <param name="start">What learning begins at; null for a start of its own.</param>
    ILearner LearnerFor(Loss loss, FrozenTransform transform, LabelMoments labels, long rows, WarmStart? start)
    {
        var (estimator, layout, offset) = (pipeline.Estimator, transform.Output, OffsetOf(loss));
        ILearner learner = (estimator.Kind.Family(), loss) switch
        {
            (EstimatorFamily.Baseline, _) => new BaselineLearner(loss, layout, offset),
            (EstimatorFamily.Dnn or EstimatorFamily.DnnLinearCombined, _) => NetworkFor(loss, layout, labels, rows, start),
            (_, Loss.Softmax softmax) => new SoftmaxFtrlLearner(softmax, layout, estimator.LinearOptions(null)),
            _ => new FtrlLearner(loss, layout, labels, estimator.LinearOptions(offset)),
        };
        if (start is not null)
        {
            var carried = start.Begin(learner, transform);
            progress?.Report(new TrainingReport.Notice(carried));
        }

        return learner;
    }

    DnnLearner NetworkFor(Loss loss, FeatureLayout layout, LabelMoments labels, long rows, WarmStart? start)
    {
        try
        {
            var (options, scaling) = NetworkOptionsFor(loss, layout, labels, rows, start);
            return new DnnLearner(loss, layout, options, scaling);
        }
        catch (ArgumentException problem)
        {
            // Names of features, and sizes, that only the layout shows to be wrong.
            throw new PipelineException([$"estimator: {problem.Message}"]);
        }
    }

    (DnnOptions Options, LabelScaling Scaling) NetworkOptionsFor(Loss loss, FeatureLayout layout, LabelMoments labels, long rows, WarmStart? start)
    {
        var options = pipeline.Estimator.DnnOptions(layout, pipeline.Seed, rows, Threads, start?.Network?.Shape, OffsetOf(loss));
        // Layers that are carried over have learned labels as they were scaled then.
        var scaling = start?.Network is { } earlier
            && NetworkStart.KeepsLayers(earlier.Shape, options.ShapeFor(layout, loss.Output.Width))
            ? earlier.LabelScaling
            : DnnLearner.ScalingFor(loss, labels);
        return (options, scaling);
    }
}
