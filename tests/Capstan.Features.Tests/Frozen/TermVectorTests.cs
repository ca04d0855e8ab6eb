using Capstan.Data;
using static Capstan.Features.Tests.Rows;

namespace Capstan.Features.Tests;

public sealed class TermVectorTests
{
    static readonly ColumnBatch Reviews = Of(Texts("w", "good good food", "bad food", null, "", "good service"));

    static float[][] Elements(FrozenTransform transform, ColumnBatch rows)
    {
        var features = new FeatureBuffer(transform.Output);
        transform.Apply(rows, features, transform.CreateWorkspace());
        return [.. Enumerable.Range(0, transform.Output.Numerics.Length).Select(index => features.Numeric(index).ToArray())];
    }

    [Fact]
    public async Task Each_term_becomes_a_numeric_feature_most_frequent_first()
    {
        var transform = await Fit("bag_of_words(words(w))", Reviews);
        // 'good' and 'food' stand in two lists each: reverse byte order, as in every vocabulary.
        Assert.Equal(["f[good]", "f[food]", "f[service]", "f[bad]"], transform.Output.Numerics.Select(spec => spec.Name));
        Assert.Equal([[2, 0, 0, 0, 1], [1, 1, 0, 0, 0], [0, 0, 0, 0, 1], [0, 1, 0, 0, 0]], Elements(transform, Reviews));
        Assert.Equal("bag_of_words(words(w), ['good', 'food', 'service', 'bad'])", transform.Features[0].Expr.ToString());
    }

    [Fact]
    public async Task Presence_does_not_count() =>
        Assert.Equal([[1, 0, 0, 0, 1], [1, 1, 0, 0, 0]], Elements(await Fit("multi_hot(words(w), max_size: 2)", Reviews), Reviews));

    [Fact]
    public async Task Terms_in_too_few_lists_are_left_out()
    {
        Assert.Equal(["f[good]", "f[food]"], (await Fit("bag_of_words(words(w), min_count: 2)", Reviews)).Output.Numerics.Select(spec => spec.Name));
        var refused = await Assert.ThrowsAsync<ExpressionException>(() => Fit("bag_of_words(words(w), min_count: 3)", Reviews));
        Assert.Contains("no term stands in 3 or more of the 4 lists", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>By hand from tf.Transform's formulas: tf = count / items, idf = 1 + ln((4 + 1) / (2 + 1)), or 1 + ln(4 / 2).</summary>
    [Theory]
    [InlineData("tf_idf(words(w), max_size: 1)", 1 + 0.5108256237659907)]
    [InlineData("tf_idf(words(w), max_size: 1, smooth: 0)", 1 + 0.6931471805599453)]
    public async Task Term_frequency_times_inverse_document_frequency(string expression, double inverse) =>
        Assert.Equal([[(float)(2.0 / 3 * inverse), 0, 0, 0, (float)(1.0 / 2 * inverse)]], Elements(await Fit(expression, Reviews), Reviews));

    [Fact]
    public async Task Vectors_stand_among_numbers_in_pipeline_order_and_are_stored()
    {
        var rows = Of(Texts("w", "a b", "b"), Numbers("x", 7, 8));
        var graph = new TransformGraph(rows.Schema)
        {
            ["first"] = ExprParser.Parse("x"), ["kind"] = ExprParser.Parse("vocabulary(w)"), ["bag"] = ExprParser.Parse("bag_of_words(words(w))"),
            ["last"] = ExprParser.Parse("x + 1"),
        };
        var transform = await graph.FitAsync(new MemorySource(rows.Schema, [rows]), null, null, null, TestContext.Current.CancellationToken);
        Assert.Equal(["first", "bag[b]", "bag[a]", "last"], transform.Output.Numerics.Select(spec => spec.Name));
        Assert.Equal([[7, 8], [1, 1], [1, 0], [8, 9]], Elements(transform, rows));
        var read = StoredState.FromBytes<FrozenTransform>(transform.ToBytes());
        Assert.Equal(transform.Output, read.Output);
        Assert.Equal(Elements(transform, rows), Elements(read, rows));
    }

    [Fact]
    public async Task All_three_and_any_size_are_concluded_from_one_pass()
    {
        var source = new CountingSource(Reviews);
        var graph = new TransformGraph(Reviews.Schema)
        {
            ["a"] = ExprParser.Parse("bag_of_words(words(w), max_size: 3)"), ["b"] = ExprParser.Parse("tf_idf(words(w))"),
            ["c"] = ExprParser.Parse("multi_hot(words(w), min_count: 2)"),
        };
        var transform = await graph.FitAsync(source, null, null, null, TestContext.Current.CancellationToken);
        Assert.Equal(1, source.Passes);
        Assert.Equal(3 + 4 + 2, transform.Output.Numerics.Length);
    }

    [Fact]
    public void What_is_wrong_about_a_vector_is_refused()
    {
        static string Refusal(string text) =>
            Assert.Throws<ExpressionException>(() => ExprTyping.KindOf(ExprParser.Parse(text), new Schema([new("w", DataType.Text), new("x", DataType.Float64)]))).Message;
        Assert.Contains("'w' is a text, expected a list. Make a list: split(…, ','), words(…).", Refusal("bag_of_words(w)"), StringComparison.Ordinal);
        Assert.Contains("max_size is from 1 to 10,000", Refusal("bag_of_words(words(w), max_size: 10001)"), StringComparison.Ordinal);
        Assert.Contains("a term stands there twice", Refusal("bag_of_words(words(w), ['a', 'a'])"), StringComparison.Ordinal);
        Assert.Contains("is a vector", Refusal("bag_of_words(words(w)) + 1"), StringComparison.Ordinal);
        Assert.Contains("is a vector", Refusal("if(x > 1, bag_of_words(words(w)), bag_of_words(words(w)))"), StringComparison.Ordinal);
        Assert.Contains("is a list", Refusal("vocabulary(words(w))"), StringComparison.Ordinal);
        Assert.Contains("lists are not compared", Refusal("words(w) == words(w)"), StringComparison.Ordinal);
        Assert.Contains("lists have no order", Refusal("words(w) < words(w)"), StringComparison.Ordinal);
        Assert.Contains("from 1 to 20, the smaller first", Refusal("ngrams(words(w), 3, 2)"), StringComparison.Ordinal);
        Assert.Contains("each followed by its factor", Assert.Throws<ExpressionSyntaxException>(() => ExprParser.Parse("tf_idf(w, ['a', 'b'])")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_is_no_feature_and_two_features_do_not_share_a_name()
    {
        var schema = new Schema([new("w", DataType.Text), new("x", DataType.Float64)]);
        Assert.Contains(
            "is a list; make numbers of it: bag_of_words(…)",
            Assert.Throws<ExpressionException>(() => new FrozenTransform(schema, [("f", ExprParser.Parse("words(w)"))])).Message, StringComparison.Ordinal);
        Assert.Contains(
            "Two features are called 'f[a]'",
            Assert.Throws<ArgumentException>(() => new FrozenTransform(
                schema, [("f", ExprParser.Parse("bag_of_words(words(w), ['a'])")), ("f[a]", ExprParser.Parse("x"))])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_no_form_in_sql_is_refused_by_name()
    {
        var transform = new FrozenTransform(new Schema([new("w", DataType.Text)]), [("f", ExprParser.Parse("bag_of_words(words(w), ['a'])"))]);
        Assert.Contains(
            "standard's arrays",
            Assert.Throws<SqlNotSupportedException>(() => SqlCompiler.Compile(transform, SqlDialect.Ansi, "t")).Message, StringComparison.Ordinal);
    }
}
