using Capstan.Models;

namespace Capstan.Training.Tests.Linear;

public sealed class FtrlLaws
{
    static readonly Loss[] Losses =
    [
        new Loss.Squared(), new Loss.Logistic(), new Loss.Absolute(), new Loss.Huber(40), new Loss.Quantile(0.9), new Loss.Poisson(),
        new Loss.Gamma(),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void The_fast_learner_equals_the_paper_to_the_bit(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 21; round++)
        {
            var (loss, options, batches, labels) = RandomTraining(random);
            var layout = batches[0].Features.Layout;
            var fast = new FtrlLearner(loss, layout, labels, options);
            var reference = new FtrlReference(loss, layout, labels, options);
            foreach (var batch in batches)
            {
                Assert.Equal(reference.Learn(batch), fast.Learn(batch));
                AssertSameBits(reference.Freeze(), fast.Freeze());
            }
        }
    }

    [Fact]
    public void How_rows_are_cut_into_batches_does_not_matter()
    {
        var random = new Random(5);
        for (var round = 0; round < 20; round++)
        {
            var (loss, options, batches, labels) = RandomTraining(random);
            var whole = batches[0];
            var atOnce = new FtrlLearner(loss, whole.Features.Layout, labels, options);
            var piecemeal = new FtrlLearner(loss, whole.Features.Layout, labels, options);
            var expected = atOnce.Learn(whole);
            double lossSum = 0;
            for (var start = 0; start < whole.RowCount;)
            {
                var count = Math.Min(random.Next(0, 300), whole.RowCount - start);
                lossSum += piecemeal.Learn(ExampleRows.Slice(whole, start, count));
                start += count;
            }

            AssertSameBits(atOnce.Freeze(), piecemeal.Freeze());
            Assert.Equal(expected, lossSum, 1e-9 * Math.Abs(expected) + 1e-12);
        }
    }

    [Fact]
    public void A_classifiers_loss_is_that_of_the_predictor_frozen_just_before_the_row()
    {
        var random = new Random(6);
        var rows = ExampleRows.Random(ExampleRows.Layout(3, 20), 200, random, _ => random.Next(2));
        var labels = LabelMoments.Of(rows.Labels, rows.Weights);
        var learner = new FtrlLearner(new Loss.Logistic(), rows.Features.Layout, labels, LinearOptions.Default);
        for (var row = 0; row < rows.RowCount; row++)
        {
            var one = ExampleRows.Slice(rows, row, 1);
            var expected = learner.Loss.Of(learner.Freeze().Predict(one), one.Labels[0]);
            Assert.Equal(expected, learner.Learn(one), 1e-6);
        }
    }

    static (Loss Loss, LinearOptions Options, TrainingBatch[] Batches, LabelMoments Labels) RandomTraining(Random random)
    {
        var loss = Losses[random.Next(Losses.Length)];
        int[] cardinalities = [.. Enumerable.Range(0, random.Next(0, 4)).Select(_ => random.Next(1, 50))];
        var layout = ExampleRows.Layout(random.Next(0, 5), cardinalities);
        var options = new LinearOptions
        {
            LearningRate = random.NextSingle() + 0.001f,
            Beta = random.Next(3) * 0.5f,
            L1 = random.Next(2) * random.NextSingle(),
            L2 = random.Next(2) * random.NextSingle(),
            StandardiseLabel = random.Next(4) > 0,
            ResidualLimit = random.Next(2) == 0 ? 10f : float.PositiveInfinity,
        };
        TrainingBatch[] batches = [.. Enumerable.Range(0, 3).Select(_ => ExampleRows.Random(
            layout,
            random.Next(1, 700),
            random,
            _ => loss.Output.Task == ModelTask.Regression ? 1000f * (random.NextSingle() + 1e-3f) : random.Next(2),
            row => row % 5 == 0 ? random.Next(3) : 1f))];
        if (layout.Numerics.Length > 0)
        {
            batches[1].Features.Numeric(0)[0] = 1e6f;
        }

        return (loss, options, batches, LabelMoments.Of(batches[0].Labels, batches[0].Weights));
    }

    static void AssertSameBits(IPredictor expected, IPredictor found)
    {
        Assert.Equal(Bits(Assert.IsType<LinearPredictor>(expected)), Bits(Assert.IsType<LinearPredictor>(found)));

        static uint[] Bits(LinearPredictor predictor)
        {
            float[] weights = [predictor.Biases[0], .. predictor.NumericWeights, .. predictor.CategoryWeights];
            return [.. weights.Select(BitConverter.SingleToUInt32Bits)];
        }
    }
}
