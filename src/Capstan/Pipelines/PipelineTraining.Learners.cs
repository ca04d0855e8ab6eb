using Capstan.Features;
using Capstan.Training;
using Capstan.Training.Trees;

namespace Capstan;

/// <summary>What learns, by the family of the estimator.</summary>
public sealed partial class PipelineTraining
{
    TrainingResult Learn(
        TrainingLoop loop, Loss loss, FeatureStore train, FeatureStore? validation, IProgress<TrainingProgress>? learning,
        CancellationToken cancellationToken)
    {
        if (pipeline.Estimator.IsTrees)
        {
            return new BoostedTreesTraining(clock).Run(
                loss, train, validation, pipeline.Estimator.BoostedTreesOptions(pipeline.Seed, Threads), learning,
                cancellationToken);
        }

        var learner = LearnerFor(loss, train.Layout, train.Labels, train.RowCount);
        using var threads = learner as IDisposable;
        return loop.Run(
            learner, train, validation, pipeline.Estimator.TrainingOptions(pipeline.Seed, train.RowCount), learning,
            cancellationToken);
    }

    ILearner LearnerFor(Loss loss, FeatureLayout layout, LabelMoments labels, long rows)
    {
        var estimator = pipeline.Estimator;
        return (estimator.Kind.Family(), loss) switch
        {
            (EstimatorFamily.Baseline, _) => new BaselineLearner(loss, layout),
            (EstimatorFamily.Dnn or EstimatorFamily.DnnLinearCombined, _) => NetworkFor(loss, layout, labels, rows),
            (_, Loss.Softmax softmax) => new SoftmaxFtrlLearner(softmax, layout, estimator.LinearOptions()),
            _ => new FtrlLearner(loss, layout, labels, estimator.LinearOptions()),
        };
    }

    DnnLearner NetworkFor(Loss loss, FeatureLayout layout, LabelMoments labels, long rows)
    {
        var options = pipeline.Estimator.DnnOptions(layout, pipeline.Seed, rows, Threads);
        try
        {
            return new DnnLearner(loss, layout, options, DnnLearner.ScalingFor(loss, labels));
        }
        catch (ArgumentException problem)
        {
            // Names of features, and sizes, that only the layout shows to be wrong.
            throw new PipelineException([$"estimator: {problem.Message}"]);
        }
    }
}
