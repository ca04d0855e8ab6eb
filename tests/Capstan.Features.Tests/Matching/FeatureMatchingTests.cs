using Capstan.Data;

namespace Capstan.Features.Tests;

public sealed class FeatureMatchingTests
{
    static readonly Schema Columns = new([new("x", DataType.Float64), new("w", DataType.Text), new("v", DataType.Text)]);

    static FrozenTransform Make(params (string Name, Expr Expr)[] features) => new(Columns, [.. features]);

    static ColumnBatch Row(double? x, string? w, string? v) => Rows.Of(Rows.Numbers("x", x), Rows.Texts("w", w), Rows.Texts("v", v));

    static FrozenTransform Make(string text) => Make(("f", ExprParser.Parse(text)));

    static NumericMatch Number(string earlier, string later) => new FeatureMatching(Make(earlier), Make(later)).Numerics[0]!.Value;

    static CategoryMatch Categories(string earlier, string later) => Match(earlier, later)!;

    static CategoryMatch? Match(string earlier, string later) => new FeatureMatching(Make(earlier), Make(later)).Categories[0];

    [Theory]
    [InlineData("(x - 10) / 4", "(x - 12) / 8")]
    [InlineData("x", "(x - 12) / 8")]
    [InlineData("min(max((x - 10) / 4, -5), 5)", "min(max((x + 3) / 2, -9), 9)")]
    [InlineData("(min(max(x, 0 - 3 * 7), 90) - 10) / 4", "(min(max(x, -20), 80 + 1) - 11) / 3")]
    [InlineData("3 - x * 2", "-x")]
    [InlineData("log1p(impute(x, 2)) / 3", "(log1p(impute(x, 2)) - 1) / 2")]
    public void An_affine_number_is_read_in_raw_units(string earlier, string later)
    {
        var match = Number(earlier, later);
        Assert.True(match.IsExact);
        foreach (var x in new[] { 3.0, 7.5, 11 })
        {
            var row = Row(x, null, null);
            var (was, becomes) = (Value(earlier, row), Value(later, row));
            Assert.Equal(was, match.Slope * becomes + match.Offset, 1e-12);
        }

        static double Value(string text, ColumnBatch row) => (double)RowReference.Evaluate(ExprParser.Parse(text), row, 0)!;
    }

    [Fact]
    public void The_same_formula_with_other_constants_is_taken_as_it_is_and_another_formula_is_new()
    {
        Assert.Equal(new NumericMatch(0, 1, 0, false), Number("log(x + 3)", "log(x + 4)"));
        foreach (var (earlier, later) in new[] { ("log(x + 3)", "sqrt(x + 3)"), ("x / 0", "x"), ("x", "x * 0") })
        {
            Assert.Null(new FeatureMatching(Make(earlier), Make(later)).Numerics[0]);
        }
    }

    [Fact]
    public void Terms_keep_their_meaning_in_any_order_and_new_ones_are_what_unknown_ones_were()
    {
        var match = Categories("vocabulary(w, ['a', 'b', 'c'])", "vocabulary(w, ['d', 'c', 'a'])");
        Assert.Equal([3, 2, 0, 3, 4], match.EarlierCategories); // d, c, a, unknown, missing
        Assert.Equal(1, match.NewCount);
    }

    [Fact]
    public void Every_row_stays_in_the_category_that_it_was_in()
    {
        (string Earlier, string Later)[] pairs =
        [
            ("vocabulary(w, ['a', 'b'], unknown_buckets: 3)", "vocabulary(w, ['c', 'a', 'e', 'b'], unknown_buckets: 3)"),
            ("hash(w, 5)", "hash(w, 15)"),
            ("cross(vocabulary(w, ['a', 'b']), vocabulary(v, ['c']), 100)", "cross(vocabulary(w, ['b', 'd', 'a']), vocabulary(v, ['e', 'c']), 100)"),
            ("cross(vocabulary(w, ['a', 'b']), vocabulary(v, ['c']), 5)", "cross(vocabulary(w, ['b', 'd', 'a']), vocabulary(v, ['e', 'c']), 100)"),
        ];
        string?[] texts = ["a", "b", "c", "d", "e", "f", "g", null];
        foreach (var (earlier, later) in pairs)
        {
            var match = Categories(earlier, later);
            foreach (var (w, v) in texts.SelectMany(w => texts.Select(v => (w, v))))
            {
                var row = Row(null, w, v);
                Assert.Equal(Category(earlier, row), match.EarlierCategories[Category(later, row)]);
            }
        }

        static int Category(string text, ColumnBatch row) => (int)RowReference.Evaluate(ExprParser.Parse(text), row, 0)!;
    }

    [Fact]
    public void A_bucket_is_the_earlier_one_of_its_middle()
    {
        var match = Categories("bucketize(x, [0, 10, 20])", "bucketize(x, [-5, 2, 12, 40])");
        // Below −5, around −1.5, around 7, around 26, from 40 on, missing.
        Assert.Equal([0, 0, 1, 3, 3, 4], match.EarlierCategories);
        Assert.Equal([0, 1], Categories("bucketize(x, [])", "bucketize(x, [])").EarlierCategories);
    }

    [Theory]
    [InlineData("hash(w, 5)", "hash(w, 7)")]
    [InlineData("hash(w, 5)", "hash(v, 5)")]
    [InlineData("hash(w, 5)", "vocabulary(w, ['a'])")]
    [InlineData("cross(w, v, 50)", "cross(w, v, 100)")]
    public void Of_some_categories_nobody_knows_what_they_were(string earlier, string later) => Assert.Null(Match(earlier, later));

    [Fact]
    public void Elements_of_vectors_go_by_their_terms()
    {
        var words = Expressions.Split(Expressions.Col("w"), new TextExpr(" "));
        var matching = new FeatureMatching(
            Make(("t", new TermVectorExpr(TermWeight.InverseFrequency, words, new FixedVectorTerms(["a", "b"], [2, 3])))),
            Make(("t", new TermVectorExpr(TermWeight.InverseFrequency, words, new FixedVectorTerms(["c", "b"], [2, 6])))));
        Assert.Equal([null, new NumericMatch(1, 0.5, 0, true)], matching.Numerics);
        Assert.Equal(("t[c]", "t[a]"), (Assert.Single(matching.NewFeatures), Assert.Single(matching.GoneFeatures)));
    }

    [Fact]
    public void It_says_what_is_carried_over_and_what_is_new()
    {
        var earlier = Make(
            ("x", ExprParser.Parse("x / 2")), ("w", ExprParser.Parse("vocabulary(w, ['a', 'b'])")), ("gone", ExprParser.Parse("hash(v, 3)")));
        var later = Make(
            ("x", ExprParser.Parse("x / 3")), ("w", ExprParser.Parse("vocabulary(w, ['b', 'c', 'd'])")), ("fresh", ExprParser.Parse("x + 1")));
        Assert.Equal(
            "2 of 3 features are carried over; 3 of their categories, and 2 new ones begin as unknown ones were; 1 new (fresh); 1 gone (gone)",
            new FeatureMatching(earlier, later).ToString());
    }
}
