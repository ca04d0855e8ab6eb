using Capstan.Models;

namespace Capstan.Training.Tests.Linear;

public sealed class BaselineTests
{
    [Fact]
    public void A_regression_predicts_the_weighted_mean()
    {
        var labels = LabelMoments.Of([1f, 5f], [3f, 1f]);
        var rows = ExampleRows.Random(ExampleRows.Layout(2, 9), 3, new Random(1));
        Assert.Equal([2f, 2f, 2f], ConstantModel.Of(ModelOutput.Value, rows.Features.Layout, labels).Predict(rows));
    }

    [Fact]
    public void A_classification_predicts_the_log_odds_of_the_share()
    {
        var labels = LabelMoments.Of([1f, 0f, 0f, 0f, 0f], [1f, 1f, 1f, 1f, 1f]);
        Assert.Equal((float)Math.Log(0.2 / 0.8), Baseline.Score(ModelOutput.LogOdds, labels), 6);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    public void A_single_class_has_finite_log_odds_on_its_side(float label)
    {
        var score = Baseline.Score(ModelOutput.LogOdds, LabelMoments.Of([label, label], [1f, 1f]));
        Assert.Equal(Math.Log(5), Math.Abs(score), 5);
        Assert.Equal(label == 1f, score > 0);
    }

    [Fact]
    public void No_rows_predict_even_odds_and_0()
    {
        Assert.Equal(0f, Baseline.Score(ModelOutput.LogOdds, default));
        Assert.Equal(0f, Baseline.Score(ModelOutput.Value, default));
    }
}
