using Capstan.Data;
using Capstan.Models;

namespace Capstan.Training.Tests.Networks;

public sealed class WideDeepTests
{
    [Fact]
    public void Without_anything_deep_it_learns_the_share_of_each_category()
    {
        var layout = ExampleRows.Layout(0, 4);
        var random = new Random(1);
        double[] shares = [0.05, 0.3, 0.7, 0.95];
        var rows = ExampleRows.Random(layout, 20_000, random);
        for (var row = 0; row < rows.RowCount; row++)
        {
            rows.Labels[row] = random.NextDouble() < shares[rows.Features.Category(0)[row]] ? 1f : 0f;
        }

        var learner = Learner(layout.Categories[0].Name, new DnnOptions { HiddenUnits = [], Embedded = [] }, new Loss.Logistic());
        for (var first = 0; first < 5 * rows.RowCount; first += 50)
        {
            learner.Learn(ExampleRows.Slice(rows, first % rows.RowCount, 50));
        }

        var model = Assert.IsType<WideDeepPredictor>(learner.Freeze());
        Assert.Equal(0, model.Deep.Shape.EmbeddedWidth);
        var all = new TrainingBatch(layout);
        all.Resize(4);
        for (var category = 0; category < 4; category++)
        {
            all.Features.Category(0)[category] = category;
        }

        var scores = new float[4];
        model.Predict(all.Features, scores, model.CreateWorkspace());
        for (var category = 0; category < 4; category++)
        {
            Assert.Equal(shares[category], ModelOutput.Probability(scores[category]), 0.03);
        }

        DnnLearner Learner(string name, DnnOptions options, Loss loss) => new(
            loss, layout,
            new DnnOptions { HiddenUnits = options.HiddenUnits, Embedded = options.Embedded, Wide = new WideOptions { Categories = [name] } },
            LabelScaling.Identity);
    }

    [Theory]
    [InlineData("squared")]
    [InlineData("logistic")]
    [InlineData("softmax(3)")]
    public void The_loss_of_a_batch_is_that_of_the_frozen_model_on_it(string text)
    {
        var loss = Sample.Loss(text);
        var learner = new DnnLearner(
            loss, Sample.Mixed, new DnnOptions { Wide = new WideOptions { Numerics = true }, HiddenUnits = [5], Embedded = ["a"] },
            loss is Loss.Squared ? new LabelScaling(48, 9) : LabelScaling.Identity);
        var random = new SeededRandom(3);
        for (var step = 0; step < 30; step++)
        {
            var batch = Sample.Batch(Sample.Mixed, 40, loss, random);
            var model = Assert.IsType<WideDeepPredictor>(learner.Freeze());
            var (width, expected) = (loss.Output.Width, 0.0);
            var scores = new float[40 * width];
            model.Predict(batch.Features, scores, model.CreateWorkspace());
            for (var row = 0; row < 40; row++)
            {
                expected += batch.Weights[row] * loss.Of(scores.AsSpan(row * width, width), batch.Labels[row]);
            }

            Assert.Equal(expected, learner.Learn(batch), 1e-4 * Math.Abs(expected));
        }

        Assert.Contains(((WideDeepPredictor)learner.Freeze()).Wide.NumericWeights, weight => weight != 0);
    }

    [Fact]
    public void One_row_moves_the_wide_weights_as_the_linear_learner_would()
    {
        // The linear learner's first row: score 0, so slope −½ or ½; g² is added to n, and w = −z / ((β + √n) / α).
        var layout = ExampleRows.Layout(1, 3);
        var row = ExampleRows.Random(layout, 1, new Random(2), _ => 1f);
        var options = new LinearOptions { LearningRate = 0.3f, L2 = 0.1f };
        var linear = new FtrlLearner(new Loss.Logistic(), layout, new LabelMoments(2, 2, 0.5, 0.5), options);
        var learner = new DnnLearner(
            new Loss.Logistic(), layout,
            new DnnOptions { HiddenUnits = [], Embedded = [], LearningRate = 1e-30, Wide = new WideOptions { Numerics = true, Ftrl = options } },
            LabelScaling.Identity);
        var deep = ((WideDeepPredictor)learner.Freeze()).Deep;
        Assert.Equal(0, deep.Parameters[^1]);
        linear.Learn(row);
        learner.Learn(row);
        var (expected, found) = ((LinearPredictor)linear.Freeze(), ((WideDeepPredictor)learner.Freeze()).Wide);
        var score = deep.Parameters[0] * row.Features.Numeric(0)[0];
        Assert.Equal(expected.CategoryWeights[row.Features.Category(0)[0]], found.CategoryWeights[row.Features.Category(0)[0]], Math.Abs(score) * 0.1f + 1e-6f);
        Assert.All(found.CategoryWeights.Where((_, index) => index != row.Features.Category(0)[0]), weight => Assert.Equal(0, weight));
    }

    [Fact]
    public void Learning_allocates_nothing_after_the_largest_batch()
    {
        var learner = new DnnLearner(
            new Loss.Logistic(), Sample.Mixed, new DnnOptions { Wide = new WideOptions { Numerics = true } }, LabelScaling.Identity);
        var batch = Sample.Batch(Sample.Mixed, 100, new Loss.Logistic(), new SeededRandom(1));
        learner.Learn(batch);
        Assert.Equal(0, Allocations.Of(() => learner.Learn(batch)));
    }

    [Fact]
    public void A_name_that_is_no_category_is_refused()
    {
        Assert.Contains("'x' is no category feature, so it can't be wide", Refusal(new DnnOptions { Wide = new WideOptions { Categories = ["x"] } }));
        Assert.Contains("'x' is no category feature, so it can't be embedded", Refusal(new DnnOptions { Embedded = ["x"] }));

        static string Refusal(DnnOptions options) => Assert.Throws<ArgumentException>(
            () => new DnnLearner(new Loss.Logistic(), Sample.Mixed, options, LabelScaling.Identity)).Message;
    }
}
