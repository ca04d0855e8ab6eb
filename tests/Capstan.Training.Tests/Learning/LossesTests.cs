using Capstan.Models;

namespace Capstan.Training.Tests.Learning;

public sealed class LossesTests
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
        Assert.Equal(expected, Losses.Logistic(logOdds, label), 1e-7 * Math.Max(1, expected));

    [Fact]
    public void Squared_error_is_the_square_of_the_difference() => Assert.Equal(6.25, Losses.Of(ModelTask.Regression, 1f, 3.5f));

    [Fact]
    public void The_mean_is_by_weight_and_does_not_depend_on_the_batch_size()
    {
        var rows = ExampleRows.Random(ExampleRows.Layout(1), 4, new Random(1), row => row, row => row == 3 ? 2f : 1f);
        using var store = ExampleRows.Store(rows);
        var predictor = new ConstantPredictor(rows.Features.Layout, 1f);
        Assert.Equal((1 + 0 + 1 + 2 * 4) / 5.0, Losses.Mean(predictor, store, 3, CancellationToken.None));
        Assert.Equal((1 + 0 + 1 + 2 * 4) / 5.0, Losses.Mean(predictor, store, 100, CancellationToken.None));
    }

    [Fact]
    public void A_mean_over_nothing_is_refused()
    {
        using var store = ExampleRows.Store(ExampleRows.Random(ExampleRows.Layout(1), 0, new Random(1)));
        var predictor = new ConstantPredictor(store.Layout, 1f);
        Assert.Throws<ArgumentException>(() => Losses.Mean(predictor, store, 3, CancellationToken.None));
    }
}
