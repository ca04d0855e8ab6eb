using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Tests.Networks;

public sealed class DnnLearnerTests
{
    static readonly LabelScaling Around50 = new(50, 10);

    [Theory]
    [InlineData(NetworkOptimizer.Adam)]
    [InlineData(NetworkOptimizer.Adagrad)]
    public void The_same_seed_and_batches_give_the_same_bits(NetworkOptimizer optimizer)
    {
        var options = new DnnOptions
        {
            Optimizer = optimizer, L2 = 1e-3, MaxGradientNorm = 0.5, WarmupSteps = 3, DecaySteps = 20,
        };
        var (first, second) = (Train(options), Train(options));
        Assert.Equal(first.Parameters(), second.Parameters());

        static DnnLearner Train(DnnOptions options)
        {
            var (learner, random) = (Learner(new Loss.Squared(), options), new SeededRandom(5));
            foreach (var rows in new[] { 64, 300, 1, 129, 64, 64, 17 })
            {
                learner.Learn(Sample.Batch(Sample.Mixed, rows, new Loss.Squared(), random));
            }

            return learner;
        }
    }

    [Fact]
    public void Another_seed_starts_elsewhere() => Assert.NotEqual(
        Learner(new Loss.Squared(), new DnnOptions { Seed = 1 }).Parameters(),
        Learner(new Loss.Squared(), new DnnOptions { Seed = 2 }).Parameters());

    [Fact]
    public void The_start_has_the_stated_variances_and_biases_of_zero()
    {
        var layout = new FeatureLayout(
            [.. Enumerable.Range(0, 50).Select(index => FeatureSpec.Numeric($"x{index}")), FeatureSpec.Category("c", 500)]);
        var model = (DnnPredictor)new DnnLearner(
            new Loss.Squared(), layout, new DnnOptions { HiddenUnits = [100, 400], EmbeddingDimension = 25 }, Around50)
            .Freeze();
        var shape = model.Shape;
        Assert.Equal(0.01, Variance(0, shape.EmbeddingParameterCount), 0.0005);
        Assert.Equal(2 / 75.0, Variance(shape.WeightOffset(0), shape.BiasOffset(0)), 0.002);
        Assert.Equal(2 / 100.0, Variance(shape.WeightOffset(1), shape.BiasOffset(1)), 0.001);
        Assert.Equal(1 / 400.0, Variance(shape.WeightOffset(2), shape.BiasOffset(2)), 0.0006);
        Assert.Equal(0, Variance(shape.BiasOffset(1), shape.WeightOffset(2)));

        double Variance(int from, int to) => model.Parameters[from..to].Average(value => (double)value * value);
    }

    [Fact]
    public void No_rows_teach_nothing()
    {
        var learner = Learner(new Loss.Squared(), new DnnOptions());
        var before = learner.Parameters();
        Assert.Equal(0, learner.Learn(Sample.Batch(Sample.Mixed, 0, new Loss.Squared(), new SeededRandom(1))));
        Assert.Equal(before, learner.Parameters());
    }

    [Fact]
    public void The_loss_is_that_of_the_predictions_before_learning()
    {
        var learner = Learner(new Loss.Squared(), new DnnOptions());
        var batch = Sample.Batch(Sample.Mixed, 200, new Loss.Squared(), new SeededRandom(1));
        var predictions = learner.Predict(batch.Features);
        var expected = Enumerable.Range(0, 200)
            .Sum(row => batch.Weights[row] * Math.Pow(predictions[row] - batch.Labels[row], 2));
        Assert.Equal(expected, learner.Learn(batch), 1e-4 * expected);
        Assert.True(learner.Learn(batch) < expected);
    }

    [Fact]
    public void A_weight_of_two_counts_like_the_row_twice()
    {
        var once = Rows([1, 2, 3], [2, 1, 1]);
        var twice = Rows([1, 1, 2, 3], [1, 1, 1, 1]);
        var (first, second) = (OneNumber(), OneNumber());
        Assert.Equal(first.ComputeGradients(once), second.ComputeGradients(twice), 1e-9);

        // Gradients are means over rows, of which there are 3 and 4.
        Assert.All(
            first.FlatGradients().Zip(second.FlatGradients()),
            pair => Assert.Equal(pair.First * 3, pair.Second * 4, 1e-4f * Math.Max(1, Math.Abs(pair.First))));

        static DnnLearner OneNumber() =>
            new(new Loss.Squared(), new FeatureLayout([FeatureSpec.Numeric("x")]), new DnnOptions(), LabelScaling.Identity);

        static TrainingBatch Rows(float[] values, float[] weights)
        {
            var batch = new TrainingBatch(new FeatureLayout([FeatureSpec.Numeric("x")]));
            batch.Resize(values.Length);
            values.CopyTo(batch.Features.Numeric(0));
            values.Select(value => value * value).ToArray().CopyTo(batch.Labels);
            weights.CopyTo(batch.Weights);
            return batch;
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_loss_that_is_not_finite_is_reported_and_teaches_nothing(float label)
    {
        var learner = Learner(new Loss.Squared(), new DnnOptions());
        var batch = Sample.Batch(Sample.Mixed, 20, new Loss.Squared(), new SeededRandom(1));
        var before = learner.Parameters();
        (batch.Labels[13], batch.Weights[13]) = (label, 1);
        Assert.Equal(double.NaN, learner.Learn(batch));
        Assert.Equal(before, learner.Parameters());
    }

    [Fact]
    public void Only_embeddings_that_occur_move()
    {
        var learner = Learner(new Loss.Squared(), new DnnOptions());
        var batch = Sample.Batch(Sample.Mixed, 40, new Loss.Squared(), new SeededRandom(1));
        batch.Weights.Fill(1);
        var before = learner.Parameters();
        foreach (ref var category in batch.Features.Category(0))
        {
            category = category < 4 ? 2 : 5;
        }

        learner.Learn(batch);
        var (after, dimension) = (learner.Parameters(), new DnnOptions().EmbeddingDimensionOf(7));
        for (var category = 0; category < 7; category++)
        {
            var range = (category * dimension)..((category + 1) * dimension);
            Assert.Equal(category is 2 or 5, !before[range].SequenceEqual(after[range]));
        }
    }

    [Fact]
    public void Clipping_limits_the_norm_of_all_gradients_and_keeps_their_direction()
    {
        var batch = Sample.Batch(Sample.Mixed, 40, new Loss.Squared(), new SeededRandom(1));
        var free = Gradients(null);
        var norm = Norm(free);
        Assert.Equal(free, Gradients(norm * 1.01));
        var clipped = Gradients(norm / 4);
        Assert.Equal(norm / 4, Norm(clipped), 1e-5 * norm);
        Assert.All(free.Zip(clipped), pair => Assert.Equal(pair.First / 4, pair.Second, 1e-6f * (float)norm));

        float[] Gradients(double? limit)
        {
            var learner = Learner(new Loss.Squared(), new DnnOptions { MaxGradientNorm = limit });
            learner.ComputeGradients(batch);
            learner.ClipGradients();
            return learner.FlatGradients();
        }

        static double Norm(float[] values) => Math.Sqrt(values.Sum(value => (double)value * value));
    }

    [Fact]
    public void The_loops_factor_scales_the_step()
    {
        var batch = Sample.Batch(Sample.Mixed, 40, new Loss.Squared(), new SeededRandom(1));
        var (still, slow, fast) = (After(0), After(0.5), After(1));
        Assert.Equal(After(0), Learner(new Loss.Squared(), new DnnOptions()).Parameters());
        Assert.All(Enumerable.Range(0, still.Length), index =>
            Assert.Equal(still[index] + 2 * (slow[index] - still[index]), fast[index], 1e-6f));

        float[] After(double factor)
        {
            var learner = Learner(new Loss.Squared(), new DnnOptions());
            learner.LearningRateFactor = factor;
            learner.Learn(batch);
            return learner.Parameters();
        }
    }

    [Theory]
    [InlineData(NetworkOptimizer.Adam)]
    [InlineData(NetworkOptimizer.Adagrad)]
    public void Learning_allocates_nothing_after_warm_up(NetworkOptimizer optimizer)
    {
        var learner = Learner(
            new Loss.Logistic(), new DnnOptions { Optimizer = optimizer, L2 = 1e-4, MaxGradientNorm = 1 });
        var batch = Sample.Batch(Sample.Mixed, 300, new Loss.Logistic(), new SeededRandom(1));
        learner.Learn(batch);
        Assert.Equal(0, Allocations.Of(() => learner.Learn(batch)));
    }

    [Fact]
    public void A_frozen_model_does_not_learn_on()
    {
        var learner = Learner(new Loss.Squared(), new DnnOptions());
        var frozen = (DnnPredictor)learner.Freeze();
        var parameters = frozen.Parameters.ToArray();
        learner.Learn(Sample.Batch(Sample.Mixed, 40, new Loss.Squared(), new SeededRandom(1)));
        Assert.Equal(parameters, frozen.Parameters);
        Assert.Equal((ModelOutput.Value, Around50), (frozen.Output, frozen.LabelScaling));
    }

    [Fact]
    public void A_classifiers_label_is_not_scaled() =>
        Assert.Throws<ArgumentException>(
            () => new DnnLearner(new Loss.Logistic(), Sample.Mixed, new DnnOptions(), Around50));

    [Fact]
    public void Options_out_of_range_are_refused() => Assert.Contains(
        "LearningRate is -1", Assert.Throws<ArgumentException>(
            () => Learner(new Loss.Squared(), new DnnOptions { LearningRate = -1 })).Message);

    static DnnLearner Learner(Loss loss, DnnOptions options) =>
        new(loss, Sample.Mixed, options, loss is Loss.Squared ? Around50 : LabelScaling.Identity);
}
