namespace Capstan.Models.Tests.Networks;

public sealed class LabelScalingTests
{
    [Fact]
    public void Outputs_are_scaled_back_into_the_labels_unit() => Assert.Equal(16, LabelScaling.Standard(10, 3).Unscale(2));

    [Theory]
    [InlineData(0f)]
    [InlineData(1.2345678f)]
    public void The_identity_changes_no_number(float output) => Assert.Equal(output, LabelScaling.Identity.Unscale(output));

    [Theory]
    [InlineData(0)]
    [InlineData(1e-60)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_label_without_spread_is_only_centred(double deviation) =>
        Assert.Equal(new LabelScaling(5, 1), LabelScaling.Standard(5, deviation));
}
