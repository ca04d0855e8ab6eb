using Capstan.Data;
using Capstan.Models;

namespace Capstan.Training.Tests.Networks;

public sealed class NetworkLossTests
{
    [Fact]
    public void Squared_error_is_reported_in_the_labels_unit()
    {
        // Output 2 predicts 2 · 3 + 10 = 16; the label is 13: loss 9, in units of the spread error 1.
        var (loss, gradient) = Evaluate(new Loss.Squared(), new LabelScaling(10, 3), 2, 13, 0.5f);
        Assert.Equal(4.5, loss, 1e-6);
        Assert.Equal(0.25f * 0.5f * 2 * 1, gradient, 1e-6f);
    }

    [Theory]
    [InlineData(0f, 1f, 0.69314718)]
    [InlineData(2f, 1f, 0.126928011)]
    [InlineData(2f, 0f, 2.126928011)]
    [InlineData(-9f, 0f, 0.00012340218)]
    [InlineData(100f, 0f, 100.0)]
    [InlineData(-100f, 1f, 100.0)]
    [InlineData(88f, 1f, 6.0546018954e-39)]
    public void Log_loss_is_right_for_small_and_large_odds(float output, float label, double expected)
    {
        var (loss, gradient) = Evaluate(new Loss.Logistic(), LabelScaling.Identity, output, label, 1);
        Assert.Equal(expected, loss, 4e-7 * expected + 3e-45);
        Assert.Equal(0.25 * (1 / (1 + Math.Exp(-output)) - label), gradient, 1e-7);
    }

    [Fact]
    public void A_row_of_no_weight_has_no_loss_and_no_gradient() =>
        Assert.Equal((0, 0f), Evaluate(new Loss.Logistic(), LabelScaling.Identity, 5, 0, 0));

    static (double Loss, float Gradient) Evaluate(Loss loss, LabelScaling scaling, float output, float label, float weight)
    {
        var gradient = new float[8];
        var sum = NetworkLoss.For(loss, scaling).Evaluate(
            MatrixSpan.RowMajor(new[] { output, 0, 0, 0, 0, 0, 0, 0 }, 1, 8, 8), [label], [weight], 0.25f,
            MatrixSpan.RowMajor(gradient, 1, 8, 8));
        Assert.All(gradient[1..], rest => Assert.Equal(0, rest));
        return (sum, gradient[0]);
    }
}
