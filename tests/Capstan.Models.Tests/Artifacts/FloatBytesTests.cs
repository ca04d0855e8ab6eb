namespace Capstan.Models.Tests.Artifacts;

public sealed class FloatBytesTests
{
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void The_first_that_is_not_finite_is_found_at_every_place(float other)
    {
        for (var length = 1; length < 70; length++)
        {
            for (var place = 0; place < length; place++)
            {
                var values = Enumerable.Repeat(float.MaxValue, length).ToArray();
                values[^1] = float.NaN;
                values[place] = other;
                Assert.Equal(place, FloatBytes.IndexOfNotFinite(values));
            }
        }
    }

    [Fact]
    public void Zeros_denormal_and_largest_numbers_are_finite() =>
        Assert.Equal(-1, FloatBytes.IndexOfNotFinite([.. Enumerable.Repeat<float[]>([0f, -0f, float.Epsilon, float.MinValue, float.MaxValue], 20).SelectMany(each => each)]));
}
