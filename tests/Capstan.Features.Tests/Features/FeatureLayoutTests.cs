namespace Capstan.Features.Tests;

public sealed class FeatureLayoutTests
{
    [Fact]
    public void Categories_are_numbered_through_without_gaps()
    {
        var layout = new FeatureLayout([FeatureSpec.Category("a", 3), FeatureSpec.Numeric("x"), FeatureSpec.Category("b", 5)]);
        Assert.Equal([0L, 3, 8], layout.CategoryOffsets);
        Assert.Equal(["x"], layout.Numerics.Select(spec => spec.Name));
    }

    [Fact]
    public void Totals_beyond_an_int_are_exact() => Assert.Equal(
        2L * int.MaxValue, new FeatureLayout([FeatureSpec.Category("a", int.MaxValue), FeatureSpec.Category("b", int.MaxValue)]).CategoryOffsets[^1]);

    [Fact]
    public void No_features_are_a_layout_too() => Assert.Equal([0L], new FeatureLayout([]).CategoryOffsets);

    [Fact]
    public void A_category_feature_without_categories_is_refused() =>
        Assert.Contains("'a' has 0 categories", Assert.Throws<ArgumentException>(() => new FeatureLayout([FeatureSpec.Category("a", 0)])).Message, StringComparison.Ordinal);

    [Fact]
    public void Layouts_compare_by_their_features_in_order()
    {
        var (a, b) = (FeatureSpec.Numeric("a"), FeatureSpec.Numeric("b"));
        Assert.Equal(new FeatureLayout([a, b]), new FeatureLayout([a, b]));
        Assert.NotEqual(new FeatureLayout([a, b]), new FeatureLayout([b, a]));
        Assert.NotEqual(new FeatureLayout([FeatureSpec.Category("a", 3)]), new FeatureLayout([FeatureSpec.Category("a", 4)]));
    }
}
