using Capstan.Features;

namespace Capstan.Models.Tests.Linear;

public sealed class LinearPredictorTests
{
    static readonly FeatureLayout Layout = new(
    [
        FeatureSpec.Category("day", 2),
        FeatureSpec.Numeric("distance"),
        FeatureSpec.Category("zone", 3),
        FeatureSpec.Numeric("speed"),
    ]);

    static readonly LinearPredictor Predictor = new(
        ModelOutput.Value, Layout, 100f, [10f, -1f], [1f, 2f, 0.25f, 0.5f, 0.75f]);

    [Fact]
    public void A_score_is_the_bias_and_the_weighted_numbers_and_the_weights_of_the_categories()
    {
        var rows = Rows(2);
        rows.Numeric(0)[0] = 3f;
        rows.Numeric(1)[0] = 4f;
        rows.Category(0)[0] = 1;
        rows.Category(1)[0] = 2;
        rows.Numeric(0)[1] = -1f;
        rows.Numeric(1)[1] = 0f;
        rows.Category(0)[1] = 0;
        rows.Category(1)[1] = 0;

        Assert.Equal([100f + 30f - 4f + 2f + 0.75f, 100f - 10f + 1f + 0.25f], Predict(Predictor, rows));
    }

    [Fact]
    public void No_rows_have_no_scores() => Assert.Empty(Predict(Predictor, Rows(0)));

    [Fact]
    public void Without_features_the_bias_is_the_score()
    {
        var layout = new FeatureLayout([]);
        var rows = new FeatureBuffer(layout);
        rows.Resize(3);
        Assert.Equal([7f, 7f, 7f], Predict(new LinearPredictor(ModelOutput.Value, layout, 7f, [], []), rows));
    }

    [Fact]
    public void Weights_that_do_not_fit_the_layout_are_refused_with_both_lengths()
    {
        var numbers = Assert.Throws<ArgumentException>(
            () => new LinearPredictor(ModelOutput.Value, Layout, 0f, [1f], [1f, 2f, 3f, 4f, 5f]));
        Assert.Contains("1 weights were given for 2 numeric features", numbers.Message);
        var categories = Assert.Throws<ArgumentException>(
            () => new LinearPredictor(ModelOutput.Value, Layout, 0f, [1f, 2f], default));
        Assert.Contains("0 weights were given for 5 categories", categories.Message);
    }

    [Theory]
    [InlineData(float.NaN, 0f, 0f)]
    [InlineData(0f, float.PositiveInfinity, 0f)]
    [InlineData(0f, 0f, float.NegativeInfinity)]
    public void Weights_that_are_no_numbers_are_refused(float bias, float numeric, float category) =>
        Assert.Throws<ArgumentException>(
            () => new LinearPredictor(ModelOutput.Value, Layout, bias, [0f, numeric], [0f, 0f, 0f, 0f, category]));

    [Fact]
    public void Rows_of_another_layout_are_refused_with_the_first_difference()
    {
        Assert.Contains("feature 1 is missing, expected 'speed', numeric", Refusal(FeatureSpec.Numeric("distance")));
        Assert.Contains(
            "feature 3 is 'zone' of 4 categories, expected 'zone' of 3 categories",
            Refusal([.. Layout.Numerics, Layout.Categories[0], FeatureSpec.Category("zone", 4)]));
        Assert.Contains(
            "feature 4 is 'hour' of 24 categories, expected none",
            Refusal([.. Layout.Numerics, .. Layout.Categories, FeatureSpec.Category("hour", 24)]));

        static string Refusal(params FeatureSpec[] features)
        {
            var rows = new FeatureBuffer(new FeatureLayout(features));
            rows.Resize(1);
            return Assert.Throws<ArgumentException>(() => Predict(Predictor, rows)).Message;
        }
    }

    [Fact]
    public void Rows_of_an_equal_layout_are_scored()
    {
        var rows = new FeatureBuffer(new FeatureLayout(Layout.Numerics.Concat(Layout.Categories)));
        rows.Resize(1);
        rows.Numeric(0).Clear();
        rows.Numeric(1).Clear();
        rows.Category(0).Clear();
        rows.Category(1).Clear();
        Assert.Equal([101.25f], Predict(Predictor, rows));
    }

    [Fact]
    public void Scores_of_another_length_are_refused() =>
        Assert.Throws<ArgumentException>(() => Predictor.Predict(Rows(2), new float[3], Predictor.CreateWorkspace()));

    [Fact]
    public void A_category_beyond_its_feature_never_reads_the_next_features_weights()
    {
        var rows = Rows(1);
        rows.Numeric(0).Clear();
        rows.Numeric(1).Clear();
        rows.Category(0)[0] = 2;
        rows.Category(1)[0] = 0;
        Assert.Throws<IndexOutOfRangeException>(() => Predict(Predictor, rows));
    }

    static FeatureBuffer Rows(int count)
    {
        var rows = new FeatureBuffer(Layout);
        rows.Resize(count);
        return rows;
    }

    static float[] Predict(LinearPredictor predictor, FeatureBuffer rows)
    {
        var scores = new float[rows.RowCount];
        predictor.Predict(rows, scores, predictor.CreateWorkspace());
        return scores;
    }
}
