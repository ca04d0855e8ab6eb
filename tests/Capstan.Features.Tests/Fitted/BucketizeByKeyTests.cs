using static Capstan.Features.Tests.Rows;

namespace Capstan.Features.Tests;

public sealed class BucketizeByKeyTests
{
    [Fact]
    public async Task Each_key_has_buckets_of_equal_mass_of_its_own()
    {
        var rows = Of(
            Numbers("x", 1, 2, 3, 4, 100, 200, 300, 400, 7, null),
            Texts("k", "a", "a", "a", "a", "b", "b", "b", "b", null, "a"));
        var transform = await Fit("bucketize_by(x, k, buckets: 2, min_rows: 4)", rows);
        Assert.Equal([0, 1, 1, 1, 0, 1, 1, 1, 1, 2], Apply(transform, rows));
        // Boundaries of all rows, whose median is 7, for a key never seen.
        Assert.Equal([0, 1, 2], Apply(transform, Of(Numbers("x", 6, 7, null), Texts("k", "new", "new", "new"))));
    }

    [Fact]
    public async Task A_key_of_few_rows_has_the_buckets_of_all()
    {
        var rows = Of(Numbers("x", 1, 2, 3, 4, 5, 6), Texts("k", "a", "a", "b", "b", "b", "b"));
        Assert.Equal(
            await FitAndApply("bucketize(x, 3)", rows), await FitAndApply("bucketize_by(x, k, 3)", rows));
    }

    [Fact]
    public async Task The_frozen_form_is_text_that_reads_back()
    {
        var frozen = (await Fit("bucketize_by(x, k, 2, min_rows: 1)", Of(Numbers("x", 1, 2), Texts("k", "a", "b")))).Features[0].Expr;
        Assert.Equal("bucketize_by(x, vocabulary(k, ['a', 'b']), [1], [2], [1], [1])", frozen.ToString());
        Assert.Equal(frozen, ExprParser.Parse(frozen.ToString()));
    }

    [Theory]
    [InlineData("bucketize_by(x, vocabulary(k, ['a']), [1])", "1 lists of boundaries were found, expected 3")]
    [InlineData("bucketize_by(x, vocabulary(k, ['a']), [1], [2, 1], [])", "boundaries must be strictly increasing")]
    [InlineData("bucketize_by(x, k, [1], [2], [])", "'k' is a text, expected a category")]
    public void Boundaries_that_do_not_fit_are_refused(string expression, string problem) => Assert.Contains(
        problem,
        Assert.Throws<ExpressionException>(() => ExprTyping.KindOf(ExprParser.Parse(expression), Of(Numbers("x"), Texts("k")).Schema)).Message);
}
