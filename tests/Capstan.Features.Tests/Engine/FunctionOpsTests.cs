using static Capstan.Features.Tests.Rows;

namespace Capstan.Features.Tests;

public sealed class FunctionOpsTests
{
    [Theory]
    [InlineData("power(x, 2)", -3.0, 9.0)]
    [InlineData("power(x, 0.5)", -3.0, null)]
    [InlineData("power(x, -1)", 0.0, null)]
    [InlineData("power(x, 0)", 0.0, 1.0)]
    [InlineData("power(x, 1e9)", 3.0, null)]
    [InlineData("round(x)", 0.5, 0.0)]
    [InlineData("round(x)", 1.5, 2.0)]
    [InlineData("round(x)", -0.4, 0.0)]
    [InlineData("round(x)", -2.5, -2.0)]
    [InlineData("round(x)", 1e300, 1e300)]
    [InlineData("sign(x)", -1e-300, -1.0)]
    [InlineData("sign(x)", 0.0, 0.0)]
    [InlineData("sign(x)", 7.0, 1.0)]
    [InlineData("atan2(x, 0)", 1.0, Math.PI / 2)]
    [InlineData("atan2(x, x)", 0.0, 0.0)]
    [InlineData("tanh(x)", 1000.0, 1.0)]
    [InlineData("log10(x)", 1000.0, 3.0)]
    [InlineData("log10(x)", 0.0, null)]
    [InlineData("degrees(x)", Math.PI, 180.0)]
    [InlineData("radians(x)", 180.0, Math.PI)]
    [InlineData("between(x, 1, 2)", 2.0, 1.0)]
    [InlineData("between(x, 1, 2)", 2.5, 0.0)]
    [InlineData("cycle_cos(x, 24)", 48.0, 1.0)]
    [InlineData("cycle_cos(x, 0)", 48.0, null)]
    public void A_function_of_a_number_gives(string expression, double value, double? expected) =>
        Assert.Equal([expected, null], Evaluate.Numbers(expression, Of(Numbers("x", value, null))));

    [Fact]
    public void A_missing_exponent_or_base_makes_a_power_missing_whatever_the_other_is() =>
        Assert.Equal([null, null, 1], Evaluate.Numbers("power(x, y)", Of(Numbers("x", 1, null, 1), Numbers("y", null, 0, 5))));

    [Fact]
    public void The_first_value_that_is_there_is_taken()
    {
        var rows = Of(Numbers("x", 1, null, null, null), Numbers("y", 2, 2, null, null), Numbers("z", 3, 3, 3, null));
        Assert.Equal([1, 2, 3, null], Evaluate.Numbers("coalesce(x, y, z)", rows));
        Assert.Equal([1, 2, 3, 0], Evaluate.Numbers("coalesce(x, y, z, 0)", rows));
    }
}
