using static Capstan.Features.Expressions;

namespace Capstan.Features.Tests;

public sealed class ExprParserTests
{
    static readonly Expr X = Col("x");
    static readonly Expr T = Col("t");

    [Theory]
    [InlineData("1 + 2 * 3", "1 + (2 * 3)")]
    [InlineData("1 - 2 - 3", "(1 - 2) - 3")]
    [InlineData("a / b * c", "(a / b) * c")]
    [InlineData("a % b + c", "(a % b) + c")]
    [InlineData("-a * b", "(-a) * b")]
    [InlineData("-a + b", "(-a) + b")]
    [InlineData("a + b < c - d", "(a + b) < (c - d)")]
    [InlineData("a < b and c >= d", "(a < b) and (c >= d)")]
    [InlineData("a and b or c and d", "(a and b) or (c and d)")]
    [InlineData("not a == b and c", "(not (a == b)) and c")]
    [InlineData("not not a", "not (not a)")]
    [InlineData("a && b || !c", "(a and b) or (not c)")]
    public void Operators_bind_as_in_arithmetic_and_sql(string text, string explained) =>
        Assert.Equal(ExprParser.Parse(explained), ExprParser.Parse(text));

    [Theory]
    [InlineData("17", 17)]
    [InlineData("-17", -17)]
    [InlineData(".5", 0.5)]
    [InlineData("1e-3", 0.001)]
    [InlineData("1.5E+2", 150)]
    public void Numbers_have_the_usual_forms(string text, double value) => Assert.Equal(new NumberExpr(value), ExprParser.Parse(text));

    [Fact]
    public void A_minus_after_an_operand_subtracts_and_before_one_negates()
    {
        Assert.Equal(X - 1, ExprParser.Parse("x -1"));
        Assert.Equal(X - new NumberExpr(-1), ExprParser.Parse("x - -1"));
        Assert.Equal(-X, ExprParser.Parse("-x"));
    }

    [Theory]
    [InlineData("`odd name`", "odd name")]
    [InlineData("`a``b`", "a`b")]
    [InlineData("`and`", "and")]
    [InlineData("größe", null)]
    [InlineData("`größe`", "größe")]
    [InlineData("user.age", "user.age")]
    [InlineData("user.name.first_2", "user.name.first_2")]
    [InlineData("$.user.age", "user.age")]
    [InlineData("$.plain", "plain")]
    public void Column_names_that_are_no_plain_words_stand_in_backticks(string text, string? column)
    {
        if (column is null)
        {
            Assert.Throws<ExpressionSyntaxException>(() => ExprParser.Parse(text));
            return;
        }

        Assert.Equal(Col(column), ExprParser.Parse(text));
    }

    [Theory]
    [InlineData(@"x == 'it\'s'", "it's")]
    [InlineData(@"x == ""say \""hi\""""", "say \"hi\"")]
    [InlineData(@"x == 'a\nb\tc\\'", "a\nb\tc\\")]
    [InlineData("x == ''", "")]
    [InlineData("x == '日本'", "日本")]
    public void Texts_stand_in_either_quotes_with_escapes(string text, string value) =>
        Assert.Equal(Equal(X, new TextExpr(value)), ExprParser.Parse(text));

    [Theory]
    [InlineData("", 1, "ends too early")]
    [InlineData("x +", 4, "ends too early")]
    [InlineData("x y", 3, "'y' was not expected here")]
    [InlineData("(x", 3, "')' is missing at the end")]
    [InlineData("x # 2", 3, "'#' has no meaning")]
    [InlineData("1 + 2..3", 5, "'2..3' is not a finite number")]
    [InlineData("1e999", 1, "not a finite number")]
    [InlineData("x == 'open", 6, "no closing '")]
    [InlineData("1 + `open", 5, "no closing `")]
    [InlineData("x + loog(x)", 5, "no function 'loog'; known are length, log, log10, log1p, lower")]
    [InlineData("log(x, x)", 1, "log takes 1 argument, found 2")]
    [InlineData("1 + min(x)", 5, "min takes 2 arguments, found 1")]
    [InlineData("x < date('2001-02-29')", 5, "'2001-02-29' is no date; expected a text like '2001-06-30'")]
    [InlineData("date('2001-06-30T12:00')", 1, "is no date")]
    [InlineData("timestamp('soon')", 1, "'soon' is no timestamp; expected a text like '2001-06-30T17:45:00'")]
    [InlineData("timestamp(x)", 1, "timestamp takes a quoted text, found 'x'")]
    [InlineData("in_zone(x, y)", 1, "The zone of in_zone is a quoted text, found 'y'")]
    [InlineData("1 + in_zone(x, 'Europe/Berln')", 5, "In ''Europe/Berln'': there is no such time zone on this machine")]
    [InlineData("in_zone(x, '../passwd')", 1, "there is no such time zone")]
    [InlineData("coalesce(x)", 1, "coalesce takes 2 or more arguments, found 1")]
    [InlineData("between(x, 1)", 1, "between takes 3 arguments, found 2")]
    [InlineData("lower()", 1, "lower takes 1 argument, found 0")]
    [InlineData("1 + replace(x, 'a')", 5, "replace takes 3 arguments, found 2")]
    [InlineData("concat()", 1, "concat takes 1 or more arguments, found 0")]
    [InlineData("trim(x, side: 1)", 1, "trim has no option 'side'")]
    [InlineData("log()", 1, "log takes 1 argument, found 0")]
    [InlineData("log(x, base: 2)", 1, "log has no option 'base'")]
    [InlineData("log(x, [1])", 9, "log takes no list")]
    [InlineData("hash(x)", 1, "hash needs the option 'buckets'")]
    [InlineData("hash(x, buckets: 1.5)", 1, "expected a whole number")]
    [InlineData("hash(x, buckets: y)", 18, "must be a number, found 'y'")]
    [InlineData("hash(x, buckets: 1, buckets: 2)", 31, "given twice")]
    [InlineData("hash(x, buckets: -1)", 1, "is -1, expected 0 to")]
    [InlineData("quantile(x, 1.5)", 1, "is 1.5, expected 0 to 1")]
    [InlineData("bucketize(x, ['a'])", 15, "holds numbers only")]
    [InlineData("bucketize(x, [1], [2])", 20, "no further list")]
    [InlineData("vocabulary(x, [1])", 16, "holds quoted texts only")]
    [InlineData("bucketize(x, [y])", 15, "A list holds numbers or quoted texts")]
    [InlineData("x == and", 6, "'and' was not expected here")]
    public void A_mistake_is_pointed_at(string text, int column, string message)
    {
        var mistake = Assert.Throws<ExpressionSyntaxException>(() => ExprParser.Parse(text));
        Assert.Contains(message, mistake.Message, StringComparison.Ordinal);
        Assert.EndsWith($"\n  {new string(' ', column - 1)}^ column {column}", mistake.Message, StringComparison.Ordinal);
        Assert.Equal(column - 1, mistake.Position);
    }

    [Theory]
    [InlineData("(", "x", ")", 150, true)]
    [InlineData("(", "x", ")", 100_000, false)]
    [InlineData("-", "x", "", 100_000, false)]
    [InlineData("not ", "x", "", 100_000, false)]
    [InlineData("log(", "x", ")", 100_000, false)]
    [InlineData("x + ", "x", "", 199, true)]
    [InlineData("x + ", "x", "", 100_000, false)]
    [InlineData("x and ", "x", "", 100_000, false)]
    [InlineData("z_score(", "x", ")", 3, true)]
    [InlineData("z_score(", "x", ")", 60, false)]
    [InlineData("min_max(", "x", ")", 150, false)]
    public void Nesting_is_limited_however_it_is_written(string open, string core, string close, int times, bool isAllowed)
    {
        var text = string.Concat(Enumerable.Repeat(open, times)) + core + string.Concat(Enumerable.Repeat(close, times));
        if (isAllowed)
        {
            Assert.Equal(ExprParser.Parse(text), ExprParser.Parse(ExprParser.Parse(text).ToString()));
            return;
        }

        Assert.Throws<ExpressionSyntaxException>(() => ExprParser.Parse(text));
    }

    [Fact]
    public void Random_texts_are_expressions_or_refused_with_a_position_inside()
    {
        var random = new Random(11);
        string[] parts = ["x", "1", "'a'", "`c`", "(", ")", "[", "]", ",", ":", "+", "-", "*", "not", "and", "==", "hash", "bucketize", "if", " ", "\"", "\\", "é"];
        for (var repeat = 0; repeat < 5000; repeat++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => parts[random.Next(parts.Length)]));
            try
            {
                var expr = ExprParser.Parse(text);
                Assert.Equal(expr, ExprParser.Parse(expr.ToString()));
            }
            catch (ExpressionSyntaxException mistake)
            {
                Assert.InRange(mistake.Position, 0, text.Length);
            }
        }
    }
}
