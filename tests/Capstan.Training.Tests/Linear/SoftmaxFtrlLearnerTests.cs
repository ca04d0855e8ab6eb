using Capstan.Models;

namespace Capstan.Training.Tests.Linear;

public sealed class SoftmaxFtrlLearnerTests
{
    const int Classes = 4;

    [Fact]
    public void Some_epochs_come_within_one_percent_of_the_lowest_loss_there_is()
    {
        // Labels are drawn from a softmax of known weights, so the lowest loss there is, over many rows, is near that of the truth.
        var random = new Random(3);
        var rows = ExampleRows.Random(ExampleRows.Layout(3, 5), 20_000, random);
        var truth = TrueModel(rows, random);
        var (scores, loss) = (new float[rows.RowCount * Classes], new Loss.Softmax(Classes));
        truth.Predict(rows.Features, scores, truth.CreateWorkspace());
        var probabilities = scores.ToArray();
        loss.Output.ToPredictions(probabilities);
        for (var row = 0; row < rows.RowCount; row++)
        {
            var (drawn, below, label) = (random.NextDouble(), 0.0, 0);
            while (label < Classes - 1 && (below += probabilities[row * Classes + label]) < drawn)
            {
                label++;
            }

            rows.Labels[row] = label;
        }

        using var store = ExampleRows.Store(rows);
        var result = new TrainingLoop(TimeProvider.System).Run(
            new SoftmaxFtrlLearner(loss, store.Layout, LinearOptions.Default), store, null,
            new TrainingOptions { Epochs = 8 }, null, CancellationToken.None);
        var lowest = MeanLoss.Of(loss, truth, store, 1000, CancellationToken.None);
        var found = MeanLoss.Of(loss, result.Predictor, store, 1000, CancellationToken.None);
        Assert.InRange(found, lowest * 0.99, lowest * 1.01);
        Assert.True(lowest < 0.75 * Math.Log(Classes), $"The problem must be worth learning: {lowest}.");
    }

    [Fact]
    public void Learning_is_the_papers_update_for_each_class_to_the_bit()
    {
        var random = new Random(4);
        var options = new LinearOptions { L1 = 0.02f, L2 = 0.1f };
        var rows = ExampleRows.Random(
            ExampleRows.Layout(2, 3), 300, random, _ => random.Next(Classes), row => row % 5 == 0 ? random.Next(3) : 1f);
        var learner = new SoftmaxFtrlLearner(new Loss.Softmax(Classes), rows.Features.Layout, options);
        learner.Learn(rows);
        var found = (LinearPredictor)learner.Freeze();

        var (z, n) = (new float[(1 + 2 + 3) * Classes], new float[(1 + 2 + 3) * Classes]);
        for (var row = 0; row < rows.RowCount; row++)
        {
            (int Place, float Value)[] active =
            [
                (0, 1f), (1, rows.Features.Numeric(0)[row]), (2, rows.Features.Numeric(1)[row]), (3 + rows.Features.Category(0)[row], 1f),
            ];
            var scores = new float[Classes];
            for (var index = 0; index < Classes; index++)
            {
                foreach (var (place, value) in active)
                {
                    scores[index] += value * Weight(place * Classes + index);
                }
            }

            ModelOutput.Classes(Classes).ToPredictions(scores);
            for (var index = 0; index < Classes; index++)
            {
                var slope = (scores[index] - (rows.Labels[row] == index ? 1f : 0f)) * rows.Weights[row];
                foreach (var (place, value) in active)
                {
                    var (i, g) = (place * Classes + index, slope * value);
                    var sigma = (MathF.Sqrt(n[i] + g * g) - MathF.Sqrt(n[i])) * (1 / options.LearningRate);
                    z[i] += g - sigma * Weight(i);
                    n[i] += g * g;
                }
            }
        }

        float[] weights = [.. found.Biases, .. found.NumericWeights, .. found.CategoryWeights];
        Assert.Equal(Enumerable.Range(0, weights.Length).Select(Weight), weights);

        float Weight(int i)
        {
            var (l1, l2) = i < Classes ? (0f, 0f) : (options.L1, options.L2);
            return MathF.Abs(z[i]) > l1
                ? (MathF.Sign(z[i]) * l1 - z[i]) / ((options.Beta + MathF.Sqrt(n[i])) * (1 / options.LearningRate) + l2)
                : 0f;
        }
    }

    [Fact]
    public void Learning_allocates_nothing()
    {
        var random = new Random(5);
        var rows = ExampleRows.Random(ExampleRows.Layout(2, 3), 200, random, _ => random.Next(Classes));
        var learner = new SoftmaxFtrlLearner(new Loss.Softmax(Classes), rows.Features.Layout, LinearOptions.Default);
        Assert.Equal(0, Allocations.Of(() => learner.Learn(rows)));
    }

    [Theory]
    [InlineData(4f)]
    [InlineData(-1f)]
    [InlineData(0.5f)]
    public void A_label_that_is_no_class_is_refused(float label)
    {
        var rows = ExampleRows.Random(ExampleRows.Layout(1), 1, new Random(1), _ => label);
        var learner = new SoftmaxFtrlLearner(new Loss.Softmax(Classes), rows.Features.Layout, LinearOptions.Default);
        Assert.Contains("from 0 to 3", Assert.Throws<ArgumentException>(() => learner.Learn(rows)).Message);
    }

    static LinearPredictor TrueModel(TrainingBatch rows, Random random)
    {
        float[] Weights(long count) => [.. Enumerable.Range(0, (int)count * Classes).Select(_ => 1.5f * (float)ExampleRows.Normal(random))];
        var layout = rows.Features.Layout;
        return new LinearPredictor(
            ModelOutput.Classes(Classes), layout, [.. Weights(1)], [.. Weights(layout.Numerics.Length)], [.. Weights(layout.CategoryOffsets[^1])]);
    }
}
