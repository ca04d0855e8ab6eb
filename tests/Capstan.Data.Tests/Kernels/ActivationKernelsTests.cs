namespace Capstan.Data.Tests.Kernels;

public sealed class ActivationKernelsTests
{
    public static TheoryData<Activation> Activations => [Activation.Tanh, Activation.Gelu];

    [Theory]
    [MemberData(nameof(Activations))]
    public void Values_and_slopes_are_within_a_few_units_in_the_last_place(Activation activation)
    {
        var worst = (Value: 0.0, Slope: 0.0);
        for (var step = -40_000; step <= 40_000; step++)
        {
            var x = step * 0.0003f;
            var (value, slope) = Of(activation, x);
            var (expected, expectedSlope) = Exact(activation, x);
            // Relative to 1 where the real value is small beside its own terms: a GELU far below 0, a slope near its root.
            worst.Value = Math.Max(worst.Value, Math.Abs(value - expected) / Math.Max(Math.Abs(expected), activation == Activation.Tanh ? 1e-9 : 1e-2 + Math.Abs(x)));
            worst.Slope = Math.Max(worst.Slope, Math.Abs(slope - expectedSlope));
        }

        Assert.InRange(worst.Value, 0, 4.8e-7);
        Assert.InRange(worst.Slope, 0, 2e-6);
    }

    [Theory]
    [InlineData(0f, 0f)]
    [InlineData(100f, 1f)]
    [InlineData(float.MaxValue, 1f)]
    [InlineData(float.PositiveInfinity, 1f)]
    [InlineData(-100f, -1f)]
    public void Far_off_tanh_is_one(float x, float expected) => Assert.Equal(expected, Of(Activation.Tanh, x).Value);

    [Fact]
    public void Far_off_gelu_is_the_sum_or_nothing()
    {
        Assert.Equal(50f, Of(Activation.Gelu, 50f).Value);
        Assert.Equal(0f, Of(Activation.Gelu, -50f).Value);
        Assert.Equal((1f, 0f), (Of(Activation.Gelu, 50f).Slope, Of(Activation.Gelu, -50f).Slope));
    }

    [Theory]
    [MemberData(nameof(Activations))]
    public void What_is_no_number_stays_none(Activation activation) => Assert.True(float.IsNaN(Of(activation, float.NaN).Value));

    [Theory]
    [MemberData(nameof(Activations))]
    public void An_element_has_the_same_bits_alone_and_among_others(Activation activation)
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 37).Select(_ => (float)(random.NextDouble() * 8 - 4)).ToArray();
        var (together, plain, slopes) = (values.ToArray(), values.ToArray(), new float[37]);
        ActivationKernels.ApplyWithSlopes(activation, together, slopes);
        ActivationKernels.Apply(activation, plain);
        Assert.Equal(together, plain);
        Assert.Equal(values.Select(value => Of(activation, value)), together.Zip(slopes));
    }

    static (float Value, float Slope) Of(Activation activation, float x)
    {
        float[] value = [x], slope = [0];
        ActivationKernels.ApplyWithSlopes(activation, value, slope);
        return (value[0], slope[0]);
    }

    static (double Value, double Slope) Exact(Activation activation, double x)
    {
        if (activation == Activation.Tanh)
        {
            return (Math.Tanh(x), 1 - Math.Tanh(x) * Math.Tanh(x));
        }

        var root = Math.Sqrt(2 / Math.PI);
        var t = Math.Tanh(root * (x + 0.044715 * x * x * x));
        return (0.5 * x * (1 + t), 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * root * (1 + 3 * 0.044715 * x * x));
    }
}
