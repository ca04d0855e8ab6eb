using Capstan.Features;
using Capstan.Training;

namespace Capstan;

/// <summary>The learner that an estimator's definition asks for.</summary>
public sealed partial class PipelineTraining
{
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
        var options = pipeline.Estimator.DnnOptions(layout, pipeline.Seed, rows);
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
