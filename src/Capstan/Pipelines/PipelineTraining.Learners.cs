using Capstan.Features;
using Capstan.Training;

namespace Capstan;

/// <summary>The learner that an estimator's definition asks for.</summary>
public sealed partial class PipelineTraining
{
    ILearner LearnerFor(Loss loss, FrozenTransform transform, LabelMoments labels, long rows)
    {
        var (estimator, layout, offset) = (pipeline.Estimator, transform.Output, OffsetOf(loss));
        ILearner learner = (estimator.Kind.Family(), loss) switch
        {
            (EstimatorFamily.Baseline, _) => new BaselineLearner(loss, layout, offset),
            (EstimatorFamily.Dnn or EstimatorFamily.DnnLinearCombined, _) => NetworkFor(loss, layout, labels, rows),
            (_, Loss.Softmax softmax) => new SoftmaxFtrlLearner(softmax, layout, estimator.LinearOptions(null)),
            _ => new FtrlLearner(loss, layout, labels, estimator.LinearOptions(offset)),
        };
        if (_start is not null)
        {
            var carried = _start.Begin(learner, transform);
            progress?.Report(new TrainingReport.Notice(carried));
        }

        return learner;
    }

    DnnLearner NetworkFor(Loss loss, FeatureLayout layout, LabelMoments labels, long rows)
    {
        var options = pipeline.Estimator.DnnOptions(layout, pipeline.Seed, rows, Threads, _start?.Network?.Shape, OffsetOf(loss));
        try
        {
            // Layers that are carried over have learned labels as they were scaled then.
            var scaling = _start?.Network is { } earlier
                && NetworkStart.KeepsLayers(earlier.Shape, options.ShapeFor(layout, loss.Output.Width))
                ? earlier.LabelScaling
                : DnnLearner.ScalingFor(loss, labels);
            return new DnnLearner(loss, layout, options, scaling);
        }
        catch (ArgumentException problem)
        {
            // Names of features, and sizes, that only the layout shows to be wrong.
            throw new PipelineException([$"estimator: {problem.Message}"]);
        }
    }
}
