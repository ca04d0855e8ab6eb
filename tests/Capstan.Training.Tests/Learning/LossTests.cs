using Capstan.Models;

namespace Capstan.Training.Tests.Learning;

public sealed class LossTests
{
    [Theory]
    [InlineData(0f, 1f, 0.69314718055994531)]
    [InlineData(0f, 0f, 0.69314718055994531)]
    [InlineData(2f, 1f, 0.12692801104297263)]
    [InlineData(2f, 0f, 2.1269280110429726)]
    [InlineData(2f, 0.25f, 1.6269280110429726)]
    [InlineData(1000f, 0f, 1000)]
    [InlineData(1000f, 1f, 0)]
    [InlineData(-1000f, 1f, 1000)]
    [InlineData(-3e38f, 1f, 3e38)]
    public void Log_loss_is_right_for_any_log_odds(float logOdds, float label, double expected) =>
        Assert.Equal(expected, new Loss.Logistic().Of([logOdds], label), 1e-7 * Math.Max(1, expected));

    [Fact]
    public void Squared_error_is_the_square_of_the_difference() => Assert.Equal(6.25, new Loss.Squared().Of([1f], 3.5f));

    [Theory]
    [InlineData("absolute", 1f, 3.5f, 2.5)]
    [InlineData("huber(2)", 1f, 2.5f, 1.125)]
    [InlineData("huber(2)", 1f, 5f, 6)]
    [InlineData("quantile(0.9)", 1f, 3f, 1.8)]
    [InlineData("quantile(0.9)", 3f, 1f, 0.2)]
    [InlineData("poisson", 0f, 3f, 1)]
    [InlineData("poisson", 1f, 0f, Math.E)]
    [InlineData("gamma", 0f, 3f, 3)]
    public void A_regressors_loss_is_what_its_formula_says(string loss, float score, float label, double expected) =>
        Assert.Equal(expected, LossText.Parse(loss).Of([score], label), 1e-12);

    [Fact]
    public void Softmax_of_any_scores_is_finite_and_of_two_is_log_loss()
    {
        Assert.Equal(Math.Log(3), new Loss.Softmax(3).Of([7f, 7f, 7f], 1), 1e-12);
        Assert.Equal(2000, new Loss.Softmax(3).Of([1000f, -1000f, 0f], 1), 1e-9);
        Assert.Equal(new Loss.Logistic().Of([1.5f], 1), new Loss.Softmax(2).Of([-1f, 0.5f], 1), 1e-12);
    }

    [Theory]
    [InlineData("squared")]
    [InlineData("absolute")]
    [InlineData("huber(2.5)")]
    [InlineData("quantile(0.05)")]
    [InlineData("poisson")]
    [InlineData("gamma")]
    public void The_text_of_a_loss_reads_back(string text) => Assert.Equal(text, LossText.Of(LossText.Parse(text)));

    [Theory]
    [InlineData("huber", "expected squared, absolute, huber(DELTA)")]
    [InlineData("squared(2)", "is no loss of a regressor")]
    [InlineData("huber(-1)", "a number above 0")]
    [InlineData("quantile(1)", "above 0 and below 1")]
    [InlineData("logistic", "is no loss of a regressor")]
    public void Other_texts_are_refused(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => LossText.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_mean_is_by_weight_and_does_not_depend_on_the_batch_size()
    {
        var rows = ExampleRows.Random(ExampleRows.Layout(1), 4, new Random(1), row => row, row => row == 3 ? 2f : 1f);
        using var store = ExampleRows.Store(rows);
        var predictor = new ConstantPredictor(rows.Features.Layout, 1f);
        Assert.Equal((1 + 0 + 1 + 2 * 4) / 5.0, MeanLoss.Of(new Loss.Squared(), predictor, store, 3, CancellationToken.None));
        Assert.Equal((1 + 0 + 1 + 2 * 4) / 5.0, MeanLoss.Of(new Loss.Squared(), predictor, store, 100, CancellationToken.None));
    }

    [Fact]
    public void A_mean_over_nothing_is_refused()
    {
        using var store = ExampleRows.Store(ExampleRows.Random(ExampleRows.Layout(1), 0, new Random(1)));
        var predictor = new ConstantPredictor(store.Layout, 1f);
        Assert.Throws<ArgumentException>(() => MeanLoss.Of(new Loss.Squared(), predictor, store, 3, CancellationToken.None));
    }
}
