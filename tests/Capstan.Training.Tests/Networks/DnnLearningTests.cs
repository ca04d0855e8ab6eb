using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Tests.Networks;

/// <summary>Does it learn what a linear model can't? Against baselines, over several seeds, with margins.</summary>
public sealed class DnnLearningTests
{
    public static TheoryData<ulong> Seeds => [1, 2, 3, 4, 5];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Exclusive_or_is_learned(ulong seed)
    {
        var layout = new FeatureLayout([FeatureSpec.Numeric("x"), FeatureSpec.Numeric("y")]);
        var learner = new DnnLearner(
            new Loss.Logistic(), layout,
            new DnnOptions { HiddenUnits = [16], LearningRate = 0.01, Seed = seed }, LabelScaling.Identity);
        var random = new SeededRandom(seed, 7);
        for (var step = 0; step < 600; step++)
        {
            learner.Learn(Rows(64));
        }

        var test = Rows(2_000);
        var scores = learner.Predict(test.Features);
        var right = Enumerable.Range(0, 2_000).Count(row => scores[row] > 0 == test.Labels[row] > 0);

        // Any linear model is right for about half; near the axes even a good network may err.
        Assert.True(right >= 1_900, $"{right} of 2,000 right.");

        TrainingBatch Rows(int count)
        {
            var batch = Sample.Batch(layout, count, new Loss.Logistic(), random);
            batch.Weights.Fill(1);
            for (var row = 0; row < count; row++)
            {
                batch.Labels[row] = batch.Features.Numeric(0)[row] > 0 != batch.Features.Numeric(1)[row] > 0 ? 1 : 0;
            }

            return batch;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_planted_function_of_numbers_and_categories_is_learned_far_from_zero(ulong seed)
    {
        // Large and far from 0, as prices are: only the label's scaling lets one learning rate fit.
        var learner = new DnnLearner(
            new Loss.Squared(), Sample.Mixed,
            new DnnOptions { LearningRate = 0.003, DecaySteps = 1_500, Seed = seed }, LabelScaling.Standard(10_000, 1_000));
        var random = new SeededRandom(seed, 8);
        for (var step = 0; step < 1_500; step++)
        {
            learner.Learn(Rows(64));
        }

        var test = Rows(2_000);
        var scores = learner.Predict(test.Features);
        var labels = test.Labels.ToArray();
        var mean = labels.Average();
        var baseline = labels.Average(label => (label - mean) * (label - mean));
        var error = Enumerable.Range(0, labels.Length).Average(row => Math.Pow(scores[row] - labels[row], 2));
        Assert.True(error < 0.03 * baseline, $"Mean squared error {error:N0}, of the mean {baseline:N0}.");

        TrainingBatch Rows(int count)
        {
            var batch = Sample.Batch(Sample.Mixed, count, new Loss.Squared(), random);
            batch.Weights.Fill(1);
            for (var row = 0; row < count; row++)
            {
                var (x, y, a, b) = (batch.Features.Numeric(0)[row], batch.Features.Numeric(1)[row],
                    batch.Features.Category(0)[row], batch.Features.Category(1)[row]);
                batch.Labels[row] = (float)(10_000 + 500 * Math.Abs(x) + 300 * (b == 1 ? y : -y) + 200 * (a * 3 % 7));
            }

            return batch;
        }
    }
}
