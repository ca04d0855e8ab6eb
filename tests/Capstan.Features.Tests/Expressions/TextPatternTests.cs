using Capstan.Data;
using static Capstan.Features.Expressions;

namespace Capstan.Features.Tests;

public sealed class TextPatternTests
{
    static readonly Schema Schema = new([new("w", DataType.Text), new("x", DataType.Float64)]);

    static string Refusal(Expr expr) => Assert.Throws<ExpressionException>(() => ExprTyping.KindOf(expr, Schema)).Message;

    [Theory]
    [InlineData("a(b", "wrong at its character 3, after 'a(b': Not enough )'s.")]
    [InlineData(@"\p{Foo}x", @"wrong at its character 7, after '\p{Foo}': Unknown property 'Foo'.")]
    [InlineData("a**", "wrong at its character 3")]
    [InlineData("(?<=a)b", "the pattern holds what can take any time for a row: positive lookahead")]
    [InlineData(@"(a)\1", "backreference")]
    [InlineData("(a{40}){40}", "multiply to 1,600, expected at most 1,000")]
    [InlineData("a{99999999999999999999}", "expected at most 1,000")]
    public void A_wrong_pattern_is_refused_before_any_data_is_read(string pattern, string message) =>
        Assert.Contains(message, Refusal(RegexMatches(Col("w"), pattern)), StringComparison.Ordinal);

    [Fact]
    public void Constants_that_do_not_fit_are_refused()
    {
        Assert.Contains("1,001 characters, expected at most 1,000", Refusal(RegexMatches(Col("w"), new string('a', 1001))), StringComparison.Ordinal);
        Assert.Contains("the group is 2, expected a number from 0 to 1", Refusal(RegexExtract(Col("w"), "(a)", 2)), StringComparison.Ordinal);
        Assert.Contains("the group is x", Refusal(ExprParser.Parse("regex_extract(w, 'a', x)")), StringComparison.Ordinal);
        Assert.Contains("the pattern is a quoted text, found 'w'", Refusal(ExprParser.Parse("regex_matches(w, w)")), StringComparison.Ordinal);
        Assert.Contains("the new text is a quoted text, found 'w'", Refusal(ExprParser.Parse("regex_replace(w, 'a', w)")), StringComparison.Ordinal);
        Assert.Contains("the form is 'NFC' or 'NFKC', found 'NFD'", Refusal(ExprParser.Parse("normalize(w, 'NFD')")), StringComparison.Ordinal);
        Assert.Contains("one quoted character, found 'ab'", Refusal(ExprParser.Parse("pad_left(w, 3, 'ab')")), StringComparison.Ordinal);
        Assert.Contains(
            "regex_extract takes 3 (or 2) arguments, found 1",
            Assert.Throws<ExpressionSyntaxException>(() => ExprParser.Parse("regex_extract(w)")).Message, StringComparison.Ordinal);
    }
}
