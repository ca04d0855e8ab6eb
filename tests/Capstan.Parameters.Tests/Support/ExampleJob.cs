using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters.Tests;

/// <summary>Rows and jobs that several tests need.</summary>
static class ExampleJob
{
    public static FeatureStore Rows(int count, ulong seed, bool isWeighted = false) => ExampleRows.Make(count, seed, isWeighted);

    public static TrainingJob Of(FeatureStore rows, DnnOptions network, TrainingOptions training, Loss? loss = null) =>
        new($"job-{Guid.NewGuid():N}", loss ?? new Loss.Logistic(), rows.Layout, network, LabelScaling.Identity, training, rows.RowCount);

    /// <summary>What a single machine comes to.</summary>
    public static TrainingResult Alone(TrainingJob job, FeatureStore rows, FeatureStore? validation)
    {
        using var learner = new DnnLearner(job.Loss, job.Features, job.Network, job.Scaling);
        return new TrainingLoop(TimeProvider.System).Run(learner, rows, validation, job.Training, null, CancellationToken.None);
    }

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
        var deep => [.. ((DnnPredictor)deep).Parameters],
    };
}
