using Capstan.Data;
using static Capstan.Features.Tests.Rows;

namespace Capstan.Features.Tests;

public sealed class StatisticByKeyTests
{
    static readonly ColumnBatch Some = Of(
        Numbers("x", 1, 3, 10, 20, 60, null, 100),
        Texts("k", "a", "a", "b", "b", "b", "b", null));

    [Theory]
    [InlineData("mean_by(x, k, min_rows: 1)", 2, 2, 30, 30, 30, 30, 194 / 6.0)]
    [InlineData("minimum_by(x, k, min_rows: 1)", 1, 1, 10, 10, 10, 10, 1)]
    [InlineData("maximum_by(x, k, min_rows: 1)", 3, 3, 60, 60, 60, 60, 100)]
    [InlineData("range_by(x, k, min_rows: 1)", 2, 2, 50, 50, 50, 50, 99)]
    [InlineData("stddev_by(x, k, min_rows: 1)", 1, 1, 21.602468994693, 21.602468994693, 21.602468994693, 21.602468994693, 36.1416969)]
    [InlineData("count_by(k)", 2, 2, 4, 4, 4, 4, 0)]
    [InlineData("z_score_by(x, k, min_rows: 2)", -1, 1, -0.9258201, -0.46291006, 1.38873, 0, 1.8722603)]
    [InlineData("min_max_by(x, k, min_rows: 2)", 0, 1, 0, 0.2, 1, 0, 1)]
    public async Task A_row_gets_what_was_found_of_its_key(string expression, params object[] expected)
    {
        var found = await FitAndApply(expression, Some);
        Assert.Equal(expected.Select(value => Convert.ToDouble(value, null)), found.Select(value => (double)(float)value), (left, right) => Math.Abs(left - right) < 1e-4);
    }

    [Fact]
    public async Task Keys_unseen_missing_or_of_few_rows_get_the_statistic_of_all_rows()
    {
        var transform = await Fit("mean_by(x, k, min_rows: 3)", Some);
        Assert.Equal([194 / 6f, 30f, 194 / 6f, 194 / 6f], Apply(transform, Of(Numbers("x", 0, 0, 0, 0), Texts("k", "a", "b", "new", null))));
    }

    [Fact]
    public async Task A_key_may_be_a_number_or_a_truth()
    {
        var rows = Of(Numbers("x", 1, 2, 3, 6), Integers("n", 7, 7, -1, -1), Truths("t", true, false, true, false));
        Assert.Equal([1.5f, 1.5f, 4.5f, 4.5f], await FitAndApply("mean_by(x, n, min_rows: 1)", rows));
        Assert.Equal([2f, 4f, 2f, 4f], await FitAndApply("mean_by(x, t, min_rows: 1)", rows));
    }

    [Fact]
    public async Task No_rows_give_the_statistics_of_nothing()
    {
        var transform = await Fit("z_score_by(x, k)", Of(Numbers("x"), Texts("k")));
        Assert.Equal([5f], Apply(transform, Of(Numbers("x", 5), Texts("k", "a"))));
    }

    [Fact]
    public async Task All_statistics_by_one_key_take_one_pass()
    {
        var source = new CountingSource(Some);
        var graph = new TransformGraph(source.Schema)
        {
            ["z"] = ExprParser.Parse("z_score_by(x, k)"), ["m"] = ExprParser.Parse("min_max_by(x, k, min_rows: 3)"), ["n"] = ExprParser.Parse("count_by(k)"),
        };
        await graph.FitAsync(source, null, null, null, TestContext.Current.CancellationToken);
        Assert.Equal(1, source.Passes);
    }

    [Fact]
    public async Task Too_many_keys_are_an_error_that_says_what_to_do()
    {
        var analyzer = new MomentsByKeyAnalyzer(Expressions.Col("x"), Expressions.Col("k"));
        var full = new ByKey<Moments>(() => Moments.Empty, maxKeys: 1);
        full.At("a"u8);
        full.At("b"u8);
        var fitting = Fitting.Of(ExprParser.Parse("mean_by(x, k)"));
        var problem = Assert.Throws<KeysFullException>(() => fitting.Conclude(new PassState<ByKey<Moments>>(analyzer, full)));
        Assert.Contains("'k' has more than 1 distinct values", problem.Message);
        Assert.Contains("if(count_by(k) < 100, 'rare', k)", problem.Message);
        // What it says to do works.
        Assert.Equal(
            [104 / 3f, 104 / 3f, 30f, 30f, 30f, 30f, 104 / 3f], await FitAndApply("mean_by(x, if(count_by(k) < 3, 'rare', k), min_rows: 1)", Some));
    }

    [Theory]
    [InlineData("mean_by(k, x)", "'k' is a text, expected a number")]
    [InlineData("mean_by(x, bucketize(x, 3))", "'bucketize(x, 3)' is a category, expected a text or number")]
    public void Ill_typed_operands_are_refused_before_any_row_is_read(string expression, string problem) => Assert.Contains(
        problem, Assert.Throws<ExpressionException>(() => ExprTyping.KindOf(ExprParser.Parse(expression), Some.Schema)).Message);

    [Theory]
    [InlineData("mean_by(x)", "mean_by takes 2 arguments (x, key), found 1")]
    [InlineData("mean_by(x, k, min_rows: 0)", "The option 'min_rows' of mean_by is 0, expected 1 to")]
    [InlineData("mean_by(x, k, min_rows: 1.5)", "min_rows is 1.5, expected a whole number")]
    [InlineData("mean_by(x, k, min_rows: x)", "The option 'min_rows' must be a number, found 'x'")]
    [InlineData("mean_by(x, k, weight: x)", "mean_by has no option 'weight'")]
    [InlineData("pick(k)", "pick takes a category and a list of numbers")]
    public void What_can_not_be_written_is_refused(string text, string problem) =>
        Assert.Contains(problem, Assert.Throws<ExpressionSyntaxException>(() => ExprParser.Parse(text)).Message);

    [Fact]
    public void A_list_to_pick_from_has_a_number_for_each_category()
    {
        Assert.Equal([3.0, 1.0, 2.0], Evaluate.Numbers("pick(vocabulary(k, ['a']), [1, 2, 3])", Of(Texts("k", null, "a", "b"))));
        Assert.Contains(
            "2 numbers were found, expected 3: one for each category",
            Assert.Throws<ExpressionException>(() => ExprTyping.KindOf(ExprParser.Parse("pick(vocabulary(k, ['a']), [1, 2])"), Some.Schema)).Message);
    }
}
