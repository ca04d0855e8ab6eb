namespace Capstan.Features.Tests;

public sealed class FeatureBufferTests
{
    static readonly FeatureLayout Layout = new([FeatureSpec.Numeric("a"), FeatureSpec.Category("c", 3), FeatureSpec.Numeric("b")]);

    [Fact]
    public void Features_have_memory_of_their_own()
    {
        var buffer = new FeatureBuffer(Layout);
        buffer.Resize(100);
        buffer.Numeric(0).Fill(1);
        buffer.Numeric(1).Fill(2);
        buffer.Category(0).Fill(3);
        Assert.Equal((100, 100, 100), (buffer.Numeric(0).Length, buffer.Numeric(1).Length, buffer.Category(0).Length));
        Assert.All(buffer.Numeric(0).ToArray(), value => Assert.Equal(1, value));
        Assert.All(buffer.Numeric(1).ToArray(), value => Assert.Equal(2, value));
        Assert.All(buffer.Category(0).ToArray(), value => Assert.Equal(3, value));
    }

    [Fact]
    public void Growing_up_to_what_was_seen_before_allocates_nothing()
    {
        var buffer = new FeatureBuffer(Layout);
        buffer.Resize(1000);
        buffer.Resize(0);
        Assert.Equal(0, buffer.Numeric(1).Length);
        Assert.Equal(0, Allocations.Of(() =>
        {
            buffer.Resize(0);
            buffer.Resize(1000);
        }));
        Assert.Equal(1000, buffer.RowCount);
    }

    [Fact]
    public void A_negative_number_of_rows_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new FeatureBuffer(Layout).Resize(-1));

    [Fact]
    public void A_feature_that_is_not_there_is_refused() => Assert.ThrowsAny<ArgumentException>(() =>
    {
        var buffer = new FeatureBuffer(Layout);
        buffer.Resize(3);
        buffer.Numeric(2);
    });
}
