using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters.Tests;

/// <summary>Rows and jobs that several tests need.</summary>
static class ExampleJob
{
    public static FeatureStore Rows(int count, ulong seed, bool isWeighted = false) => ExampleRows.Make(count, seed, isWeighted);

    public static TrainingJob Of(FeatureStore rows, DnnOptions network, TrainingOptions training, Loss? loss = null) =>
        Of(rows, new LearnerDefinition.Network(network, LabelScaling.Identity), training, loss);

    /// <summary>A linear model's; its target as a single machine finds it.</summary>
    public static TrainingJob Of(FeatureStore rows, LinearOptions linear, TrainingOptions training, Loss? loss = null)
    {
        loss ??= new Loss.Logistic();
        var target = loss is Loss.Softmax ? new LinearTarget(loss, 0, 1) : new FtrlLearner(loss, rows.Layout, rows.Labels, linear).Target;
        return Of(rows, new LearnerDefinition.Linear(linear, target.Center, target.Scale), training, loss);
    }

    static TrainingJob Of(FeatureStore rows, LearnerDefinition learner, TrainingOptions training, Loss? loss) =>
        new($"job-{Guid.NewGuid():N}", loss ?? new Loss.Logistic(), rows.Layout, learner, training, rows.RowCount);

    /// <summary>What a single machine comes to.</summary>
    public static TrainingResult Alone(TrainingJob job, FeatureStore rows, FeatureStore? validation)
    {
        var learner = LearnerOf(job, rows);
        using var threads = learner as IDisposable;
        return new TrainingLoop(TimeProvider.System).Run(learner, rows, validation, job.Training, null, CancellationToken.None);
    }

    static ILearner LearnerOf(TrainingJob job, FeatureStore rows) => (job.Learner, job.Loss) switch
    {
        (LearnerDefinition.Network network, _) => new DnnLearner(job.Loss, job.Features, network.Options, network.Scaling),
        (LearnerDefinition.Linear linear, Loss.Softmax softmax) => new SoftmaxFtrlLearner(softmax, job.Features, linear.Options),
        (LearnerDefinition.Linear linear, _) => new FtrlLearner(job.Loss, job.Features, rows.Labels, linear.Options),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Same bits, same history, same stop.</summary>
    public static void AssertSame(TrainingResult expected, TrainingResult actual)
    {
        Assert.Equal(Parameters(expected.Predictor), Parameters(actual.Predictor));
        Assert.Equal(expected.History.ToArray(), actual.History.ToArray());
        Assert.Equal(expected.BestEpochNumber, actual.BestEpochNumber);
        Assert.Equal(expected.StopReason, actual.StopReason);
    }

    static float[] Parameters(IPredictor predictor) => predictor switch
    {
        WideDeepPredictor both => [.. both.Deep.Parameters, .. both.Wide.Biases, .. both.Wide.NumericWeights, .. both.Wide.CategoryWeights],
        LinearPredictor linear => [.. linear.Biases, .. linear.NumericWeights, .. linear.CategoryWeights],
        var deep => [.. ((DnnPredictor)deep).Parameters],
    };
}
