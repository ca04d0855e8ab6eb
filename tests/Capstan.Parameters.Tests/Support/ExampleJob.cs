using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters.Tests;

/// <summary>Rows and jobs that several tests need.</summary>
static class ExampleJob
{
    public static readonly FeatureLayout Layout = new(
    [
        FeatureSpec.Numeric("x"), FeatureSpec.Numeric("y"), FeatureSpec.Numeric("z"),
        FeatureSpec.Category("a", 300), FeatureSpec.Category("b", 3), FeatureSpec.Category("c", 41),
    ]);

    /// <summary>Rows whose label depends on all features.</summary>
    public static FeatureStore Rows(int count, ulong seed, bool isWeighted = false)
    {
        var random = new SeededRandom(seed);
        using var writer = new FeatureStoreWriter(Layout, FeatureStoreOptions.Default);
        var batch = new TrainingBatch(Layout);
        batch.Resize(count);
        for (var row = 0; row < count; row++)
        {
            var score = 0.0;
            for (var feature = 0; feature < 3; feature++)
            {
                var value = batch.Features.Numeric(feature)[row] = (float)random.NextNormal();
                score += (feature - 1) * value;
            }

            for (var feature = 0; feature < 3; feature++)
            {
                var category = batch.Features.Category(feature)[row] = random.NextInt32(Layout.Categories[feature].Cardinality);
                score += category % 3 - 1;
            }

            batch.Labels[row] = random.NextDouble() < 1 / (1 + Math.Exp(-score)) ? 1 : 0;
            batch.Weights[row] = isWeighted ? 1 + row % 3 : 1;
        }

        writer.Append(batch);
        return writer.Finish();
    }

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
