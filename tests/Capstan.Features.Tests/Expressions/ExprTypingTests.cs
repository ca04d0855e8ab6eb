using Capstan.Data;
using Capstan.Features.Tests.Parity;
using static Capstan.Features.Expressions;

namespace Capstan.Features.Tests;

public sealed class ExprTypingTests
{
    static readonly Schema Schema = ExprGenerator.Schema;

    [Theory]
    [InlineData("x + n", ValueKind.Number)]
    [InlineData("flag + 1", ValueKind.Number)]
    [InlineData("x > 1 and not flag", ValueKind.Truth)]
    [InlineData("word == 'a'", ValueKind.Truth)]
    [InlineData("when < until", ValueKind.Truth)]
    [InlineData("if(flag, word, 'none')", ValueKind.Text)]
    [InlineData("if(flag, 1, flag)", ValueKind.Number)]
    [InlineData("impute(when, until)", ValueKind.Time)]
    [InlineData("hour(when)", ValueKind.Number)]
    [InlineData("is_missing(word)", ValueKind.Truth)]
    [InlineData("when < timestamp('2001-06-01')", ValueKind.Truth)]
    [InlineData("in_zone(when, 'UTC')", ValueKind.Time)]
    [InlineData("seconds_between(when, until)", ValueKind.Number)]
    [InlineData("is_weekend(when)", ValueKind.Truth)]
    [InlineData("lower(word)", ValueKind.Text)]
    [InlineData("length(word) + 1", ValueKind.Number)]
    [InlineData("contains(word, 'a') and flag", ValueKind.Truth)]
    [InlineData("text(flag)", ValueKind.Text)]
    [InlineData("vocabulary(concat(word, '-', text(n)))", ValueKind.Category)]
    [InlineData("cross(lower(word), text(x), 9)", ValueKind.Category)]
    [InlineData("mean(x)", ValueKind.Number)]
    [InlineData("bucketize(x, 3)", ValueKind.Category)]
    [InlineData("vocabulary(n)", ValueKind.Category)]
    [InlineData("hash(flag, 3)", ValueKind.Category)]
    [InlineData("cross(word, bucketize(x, [0]), 9)", ValueKind.Category)]
    public void An_expression_has_a_kind(string text, ValueKind kind) => Assert.Equal(kind, ExprTyping.KindOf(ExprParser.Parse(text), Schema));

    [Theory]
    [InlineData("1 + log(word)", "In 'log(word)': 'word' is a text, expected a number. Turn text into a category with vocabulary(…) or hash(…, buckets).")]
    [InlineData("x + when", "In 'x + when': 'when' is a time, expected a number. Take a part of the time")]
    [InlineData("hour(x)", "In 'hour(x)': 'x' is a number, expected a time.")]
    [InlineData("not x", "In 'not x': 'x' is a number, expected a truth.")]
    [InlineData("x and flag", "In 'x and flag': 'x' is a number, expected a truth.")]
    [InlineData("if(x, 1, 2)", "'x' is a number, expected a truth.")]
    [InlineData("if(flag, 1, 'a')", "'1' is a number and ''a'' a text; both must be of the same kind.")]
    [InlineData("impute(x, 'a')", "both must be of the same kind.")]
    [InlineData("word == 1", "both must be of the same kind.")]
    [InlineData("word < 'b'", "texts have no order here; compare them with == or !=.")]
    [InlineData("hash(word, 3) == 1", "'hash(word, buckets: 3)' is a category; apply this before making categories.")]
    [InlineData("is_missing(hash(word, 3))", "is a category, which does not work here.")]
    [InlineData("vocabulary(when)", "'when' is a time, which does not work here. Take a part of the time")]
    [InlineData("hash(hash(word, 3), 3)", "is a category, which does not work here.")]
    [InlineData("when < '2001-06-01'", "'when' is a time and ''2001-06-01'' a text; both must be of the same kind.")]
    [InlineData("in_zone(x, 'UTC')", "In 'in_zone(x, 'UTC')': 'x' is a number, expected a time.")]
    [InlineData("seconds_between(when, 5)", "'5' is a number, expected a time.")]
    [InlineData("1 + length(n)", "In 'length(n)': 'n' is a number, expected a text. Turn it into text with text(…).")]
    [InlineData("substring(word, 'a', 1)", "In 'substring(word, 'a', 1)': ''a'' is a text, expected a number.")]
    [InlineData("concat(word, 'a', x)", "'x' is a number, expected a text.")]
    [InlineData("lower(when)", "'when' is a time, expected a text. Take a part of the time")]
    [InlineData("lower(hash(word, 3))", "'hash(word, buckets: 3)' is a category, expected a text.")]
    [InlineData("text(word)", "'word' is a text, expected a number.")]
    [InlineData("mean(word)", "In 'mean(word)': 'word' is a text")]
    [InlineData("bucketize(word, 3)", "'word' is a text")]
    [InlineData("bucketize(x, 1)", "the number of buckets is from 2 to 1,000,000.")]
    [InlineData("bucketize(x, 1000001)", "the number of buckets is from 2 to 1,000,000.")]
    [InlineData("bucketize(x, [1, 1])", "boundaries must be strictly increasing.")]
    [InlineData("vocabulary(word, max_size: 0)", "max_size is from 1 to 100,000,000.")]
    [InlineData("vocabulary(word, min_count: 0)", "min_count is at least 1.")]
    [InlineData("vocabulary(word, unknown_buckets: 0)", "unknown_buckets is from 1 to 1,000,000.")]
    [InlineData("hash(word, 0)", "a hash needs from 1 to 2,147,483,646 buckets.")]
    [InlineData("hash(word, 2147483647)", "a hash needs from 1 to 2,147,483,646 buckets.")]
    [InlineData("cross(word, 9)", "a cross needs at least two operands.")]
    [InlineData("cross(word, word, 0)", "a cross needs at least 1 bucket.")]
    [InlineData("cross(word, x, 9)", "'x' is a number, expected a category or text.")]
    public void An_ill_typed_part_is_named_with_what_to_do(string text, string message) =>
        Assert.Contains(message, Assert.Throws<ExpressionException>(() => ExprTyping.KindOf(ExprParser.Parse(text), Schema)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_call_of_the_wrong_number_of_operands_is_refused() =>
        Assert.Contains(
            "length takes 1 argument, found 2",
            Assert.Throws<ExpressionException>(() => ExprTyping.KindOf(new CallExpr(ScalarFunction.Length, [Col("word"), Col("word")]), Schema)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void An_unknown_column_is_named_with_the_nearest_one() =>
        Assert.Contains("Did you mean 'word'?", Assert.Throws<UnknownColumnException>(() => ExprTyping.KindOf(Col("wrod"), Schema)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_sum_too_long_to_be_stored_is_refused_before_it_is_fitted()
    {
        var sum = Enumerable.Range(0, 100_000).Aggregate(Col("x"), (left, _) => left + 1);
        Assert.Contains("nests deeper than 250", Assert.Throws<ArgumentException>(() => new TransformGraph(Schema) { ["f"] = sum }).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new FrozenTransform(Schema, [("f", sum)]));
        Assert.Throws<ArgumentException>(() => new FrozenExpression(Schema, sum));
    }

    [Fact]
    public void The_deepest_expression_allowed_is_stored_and_read_again()
    {
        var deepest = Enumerable.Range(0, 249).Aggregate(Col("x"), (left, _) => left + 1);
        var transform = new FrozenTransform(Schema, [("f", deepest)]);
        Assert.Equal(transform.Hash, StoredState.FromBytes<FrozenTransform>(transform.ToBytes()).Hash);
        Assert.Throws<ArgumentException>(() => new FrozenTransform(Schema, [("f", deepest + 1)]));
    }
}
