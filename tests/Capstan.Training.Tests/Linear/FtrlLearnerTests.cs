using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Tests.Linear;

public sealed class FtrlLearnerTests
{
    static readonly FeatureLayout OneCategory = ExampleRows.Layout(0, 2);
    static readonly LabelMoments Even = new(2, 2, 0.5, 0.5);

    [Fact]
    public void One_row_moves_the_weights_that_the_paper_computes()
    {
        // p = ½, g = −½, n = ¼, σ = ½ / α, z = −½; w = ½ / ((β + ½) / α) = 1/30, for the bias and for the category seen.
        var learner = new FtrlLearner(new Loss.Logistic(), OneCategory, Even, LinearOptions.Default);
        var loss = learner.Learn(Rows(OneCategory, (1, 1f, 1f)));
        var predictor = Assert.IsType<LinearPredictor>(learner.Freeze());
        Assert.Equal(Math.Log(2), loss, 6);
        Assert.Equal(1 / 30.0, predictor.Biases[0], 7);
        Assert.Equal([0f, predictor.Biases[0]], predictor.CategoryWeights);
    }

    [Fact]
    public void A_new_learner_is_the_baseline()
    {
        var labels = LabelMoments.Of([1f, 3f, 8f], [1f, 1f, 1f]);
        var learner = new FtrlLearner(new Loss.Squared(), OneCategory, labels, LinearOptions.Default);
        var predictor = Assert.IsType<LinearPredictor>(learner.Freeze());
        Assert.Equal(4f, predictor.Biases[0]);
        Assert.Equal([0f, 0f], predictor.CategoryWeights);
        Assert.Equal(16.0, learner.Learn(Rows(OneCategory, (0, 8f, 1f))), 5);
    }

    [Fact]
    public void No_rows_teach_nothing()
    {
        var learner = new FtrlLearner(new Loss.Logistic(), OneCategory, Even, LinearOptions.Default);
        Assert.Equal(0, learner.Learn(Rows(OneCategory)));
        Assert.Equal(0f, Assert.IsType<LinearPredictor>(learner.Freeze()).Biases[0]);
    }

    [Fact]
    public void A_row_of_no_weight_teaches_nothing()
    {
        var learner = new FtrlLearner(new Loss.Logistic(), OneCategory, Even, LinearOptions.Default);
        Assert.Equal(0, learner.Learn(Rows(OneCategory, (1, 1f, 0f))));
        var predictor = Assert.IsType<LinearPredictor>(learner.Freeze());
        Assert.Equal((0f, 0f), (predictor.Biases[0], predictor.CategoryWeights[1]));
    }

    [Fact]
    public void A_heavier_row_teaches_more()
    {
        Assert.True(WeightAfter(3f) > WeightAfter(1f));

        static float WeightAfter(float weight)
        {
            var learner = new FtrlLearner(new Loss.Logistic(), OneCategory, Even, LinearOptions.Default);
            learner.Learn(Rows(OneCategory, (1, 1f, weight)));
            return Assert.IsType<LinearPredictor>(learner.Freeze()).CategoryWeights[1];
        }
    }

    [Fact]
    public void Labels_that_are_all_alike_are_predicted()
    {
        var rows = ExampleRows.Random(ExampleRows.Layout(2, 5), 500, new Random(1), _ => 42f);
        using var store = ExampleRows.Store(rows);
        var scores = Train(new Loss.Squared(), store, LinearOptions.Default, epochs: 2).Predict(rows);
        Assert.All(scores, score => Assert.Equal(42f, score, 4));
    }

    [Fact]
    public void L1_leaves_only_the_features_that_matter()
    {
        var random = new Random(3);
        var rows = ExampleRows.Random(ExampleRows.Layout(20), 4000, random);
        for (var row = 0; row < rows.RowCount; row++)
        {
            var signal = rows.Features.Numeric(0)[row] - rows.Features.Numeric(1)[row];
            rows.Labels[row] = signal + 0.3 * ExampleRows.Normal(random) > 0 ? 1f : 0f;
        }

        using var store = ExampleRows.Store(rows);
        var dense = Train(new Loss.Logistic(), store, LinearOptions.Default, epochs: 3);
        var sparse = Train(new Loss.Logistic(), store, new LinearOptions { L1 = 300f }, epochs: 3);
        Assert.DoesNotContain(0f, dense.NumericWeights);
        Assert.True(sparse.NumericWeights[0] > 0.5f && sparse.NumericWeights[1] < -0.5f);
        Assert.All(sparse.NumericWeights[2..], weight => Assert.Equal(0f, weight));
    }

    [Fact]
    public void L2_makes_weights_smaller()
    {
        var rows = ExampleRows.Random(ExampleRows.Layout(1), 300, new Random(1));
        for (var row = 0; row < rows.RowCount; row++)
        {
            rows.Labels[row] = rows.Features.Numeric(0)[row] > 0 ? 1f : 0f;
        }

        using var store = ExampleRows.Store(rows);
        var free = Train(new Loss.Logistic(), store, LinearOptions.Default, epochs: 3).NumericWeights[0];
        var held = Train(new Loss.Logistic(), store, new LinearOptions { L2 = 100f }, epochs: 3).NumericWeights[0];
        Assert.InRange(held, 0.01f, free / 1.3f);
    }

    [Theory]
    [InlineData(false, 1e6f)]
    [InlineData(false, -1e6f)]
    [InlineData(false, 1e12f)]
    [InlineData(true, 1e6f)]
    [InlineData(true, 1e12f)]
    [InlineData(true, 1e25f)]
    public void A_far_off_value_neither_breaks_the_model_nor_spoils_the_other_features(bool classifies, float farOff)
    {
        Loss loss = classifies ? new Loss.Logistic() : new Loss.Squared();
        var rows = ExampleRows.Random(ExampleRows.Layout(3, 4), 20_000, new Random(5));
        for (var row = 0; row < rows.RowCount; row++)
        {
            var signal = rows.Features.Numeric(0)[row] + rows.Features.Category(0)[row];
            rows.Labels[row] = loss is Loss.Squared ? signal : signal > 1.5f ? 1f : 0f;
            if (row % 1000 == 500)
            {
                rows.Features.Numeric(2)[row] = farOff;
            }
        }

        using var store = ExampleRows.Store(rows);
        var predictor = Train(loss, store, LinearOptions.Default, epochs: 3);
        Assert.All(predictor.NumericWeights, weight => Assert.True(float.IsFinite(weight)));
        Assert.InRange(MeanLossOfOrdinaryRows(loss, predictor, rows), 0, loss is Loss.Squared ? 0.15 : 0.25);

        static double MeanLossOfOrdinaryRows(Loss loss, LinearPredictor predictor, TrainingBatch rows)
        {
            var scores = predictor.Predict(rows);
            return Enumerable.Range(0, rows.RowCount).Where(row => row % 1000 != 500)
                .Average(row => loss.Of([scores[row]], rows.Labels[row]));
        }
    }

    [Theory]
    [InlineData(1000f, 0f)]
    [InlineData(0.001f, 0f)]
    [InlineData(60f, 1e5f)]
    public void The_unit_of_the_label_does_not_matter(float scale, float shift)
    {
        var random = new Random(7);
        var plain = ExampleRows.Random(ExampleRows.Layout(2, 10), 5000, random);
        for (var row = 0; row < plain.RowCount; row++)
        {
            var signal = 2 * plain.Features.Numeric(0)[row] + plain.Features.Category(0)[row];
            plain.Labels[row] = signal + (float)ExampleRows.Normal(random);
        }

        var scaled = ExampleRows.Slice(plain, 0, plain.RowCount);
        foreach (ref var label in scaled.Labels)
        {
            label = label * scale + shift;
        }

        var expected = PredictionsAfterTraining(plain);
        var found = PredictionsAfterTraining(scaled);
        for (var row = 0; row < expected.Length; row++)
        {
            Assert.Equal(expected[row], (found[row] - shift) / scale, 0.01f);
        }

        static float[] PredictionsAfterTraining(TrainingBatch rows)
        {
            using var store = ExampleRows.Store(rows);
            return Train(new Loss.Squared(), store, LinearOptions.Default, epochs: 2).Predict(rows);
        }
    }

    [Fact]
    public void A_plain_label_is_learned_as_it_is()
    {
        var options = new LinearOptions { StandardiseLabel = false };
        var learner = new FtrlLearner(new Loss.Squared(), OneCategory, LabelMoments.Of([5f, 7f], [1f, 1f]), options);
        Assert.Equal(0f, Assert.IsType<LinearPredictor>(learner.Freeze()).Biases[0]);
        Assert.Equal(25.0, learner.Learn(Rows(OneCategory, (0, 5f, 1f))));
    }

    [Fact]
    public void A_category_that_there_is_not_is_named()
    {
        var learner = new FtrlLearner(new Loss.Logistic(), OneCategory, Even, LinearOptions.Default);
        var refusal = Assert.Throws<ArgumentException>(() => learner.Learn(Rows(OneCategory, (2, 1f, 1f))));
        Assert.Contains("'c0' holds category 2; its categories are 0 to 1", refusal.Message);
    }

    [Fact]
    public void Rows_of_another_layout_are_refused()
    {
        var learner = new FtrlLearner(new Loss.Logistic(), OneCategory, Even, LinearOptions.Default);
        Assert.Throws<ArgumentException>(() => learner.Learn(Rows(ExampleRows.Layout(0, 3), (0, 1f, 1f))));
    }

    [Fact]
    public void More_categories_than_fit_are_refused_before_anything_is_allocated()
    {
        var layout = ExampleRows.Layout(0, int.MaxValue, int.MaxValue);
        var refusal = Assert.Throws<ArgumentException>(
            () => new FtrlLearner(new Loss.Logistic(), layout, Even, LinearOptions.Default));
        Assert.Contains("4,294,967,294 categories", refusal.Message);
    }

    [Fact]
    public void Learning_allocates_nothing()
    {
        var layout = ExampleRows.Layout(3, 5, 500);
        var rows = ExampleRows.Random(layout, 1000, new Random(1), row => row % 2);
        var learner = new FtrlLearner(new Loss.Logistic(), layout, Even, LinearOptions.Default);
        learner.Learn(rows);
        Assert.Equal(0, Allocations.Of(() => learner.Learn(rows)));
    }

    [Fact]
    public void All_options_out_of_range_are_told_at_once()
    {
        var bad = new LinearOptions { LearningRate = 0, Beta = -1, L1 = float.NaN, L2 = 1f / 0f, ResidualLimit = 0 };
        var refusal = Assert.Throws<ArgumentException>(() => new FtrlLearner(new Loss.Squared(), OneCategory, Even, bad));
        Assert.All(
            [nameof(bad.LearningRate), nameof(bad.Beta), nameof(bad.L1), nameof(bad.L2), nameof(bad.ResidualLimit)],
            name => Assert.Contains(name, refusal.Message));
    }

    static LinearPredictor Train(Loss loss, FeatureStore rows, LinearOptions options, int epochs)
    {
        var learner = new FtrlLearner(loss, rows.Layout, rows.Labels, options);
        var result = new TrainingLoop(TimeProvider.System).Run(
            learner, rows, null, new TrainingOptions { Epochs = epochs }, null, CancellationToken.None);
        return Assert.IsType<LinearPredictor>(result.Predictor);
    }

    static TrainingBatch Rows(FeatureLayout layout, params (int Category, float Label, float Weight)[] rows)
    {
        var batch = new TrainingBatch(layout);
        batch.Resize(rows.Length);
        for (var row = 0; row < rows.Length; row++)
        {
            batch.Features.Category(0)[row] = rows[row].Category;
            batch.Labels[row] = rows[row].Label;
            batch.Weights[row] = rows[row].Weight;
        }

        return batch;
    }
}

static class Predictions
{
    /// <summary>The scores of a batch's rows.</summary>
    public static float[] Predict(this IPredictor predictor, TrainingBatch rows)
    {
        var scores = new float[rows.RowCount];
        predictor.Predict(rows.Features, scores, predictor.CreateWorkspace());
        return scores;
    }
}
