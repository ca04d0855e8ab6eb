using static Capstan.Features.Tests.Rows;

namespace Capstan.Features.Tests;

public sealed class ListOpsTests
{
    [Theory]
    [InlineData("split(w, ',')", "a,b,,c", "a|b||c")]
    [InlineData("split(w, ',')", "", "")]
    [InlineData("split(w, ', ')", "a, b", "a|b")]
    [InlineData("split(w, '')", "abc", "abc")]
    [InlineData("split(w, 'ab')", "ab", "|")]
    [InlineData("words(w)", "It's 5 o'clock, naïve cafe\u0301!", "It|s|5|o|clock|naïve|cafe\u0301")]
    [InlineData("words(w)", " \t ", "")]
    [InlineData("words(w)", "日本語 𐐀x_y", "日本語|𐐀x|y")]
    [InlineData("characters(w)", "a𝄞é", "a|𝄞|é")]
    [InlineData("ngrams(words(w), 1, 2)", "One was Johnny", "One|One was|was|was Johnny|Johnny")]
    [InlineData("ngrams(words(w), 2, 3, '')", "a b c", "ab|abc|bc")]
    [InlineData("ngrams(words(w), 4, 20)", "a b c", "")]
    [InlineData("distinct(split(w, ','))", "b,a,b,,a,", "b|a|")]
    [InlineData("distinct(words(w))", "", "")]
    [InlineData("if(count(words(w)) > 1, words(w), split('x,y', ','))", "one", "x|y")]
    public void A_list_of_a_text_is(string expression, string text, string expected) =>
        Assert.Equal([expected, expected], Evaluate.Lists(expression, Of(Texts("w", text, text))));

    [Theory]
    [InlineData("count(split(w, ','))", "a,b,,c", 4.0)]
    [InlineData("count(words(w))", "", 0.0)]
    [InlineData("word_count(w)", "one two", 2.0)]
    [InlineData("includes(words(w), 'two')", "one two", 1.0)]
    [InlineData("includes(words(w), 'tw')", "one two", 0.0)]
    [InlineData("includes(words(w), '')", "", 0.0)]
    [InlineData("is_missing(words(w))", "", 0.0)]
    public void A_number_of_a_list_is(string expression, string text, double expected) =>
        Assert.Equal([expected], Evaluate.Numbers(expression, Of(Texts("w", text))));

    [Theory]
    [InlineData("item(words(w), 1)", "one two", "two")]
    [InlineData("item(words(w), 1.9)", "one two", "two")]
    [InlineData("item(words(w), 2)", "one two", null)]
    [InlineData("item(words(w), -1)", "one two", null)]
    [InlineData("item(words(w), 1 / 0)", "one two", null)]
    [InlineData("join(words(w), '+')", "one, two", "one+two")]
    [InlineData("join(words(w), '+')", "", "")]
    public void A_text_of_a_list_is(string expression, string text, string? expected) =>
        Assert.Equal([expected], Evaluate.Texts(expression, Of(Texts("w", text))));

    [Fact]
    public void A_missing_operand_makes_the_result_missing()
    {
        var rows = Of(Texts("w", "a", null), Texts("v", null, "b"));
        Assert.Equal([null, null], Evaluate.Lists("split(w, v)", rows));
        Assert.Equal(["a", null], Evaluate.Lists("distinct(ngrams(words(w), 1, 2))", rows));
        Assert.Equal(["a", "b"], Evaluate.Lists("impute(words(w), characters(v))", rows));
        Assert.Equal([1, null], Evaluate.Numbers("count(words(w))", rows));
        Assert.Equal([null, null], Evaluate.Numbers("includes(words(w), v)", rows));
        Assert.Equal([0, 1], Evaluate.Numbers("is_missing(words(w))", rows));
    }

    [Fact]
    public void Rows_beyond_a_tile_and_none_are_no_exception()
    {
        Assert.Equal(
            Enumerable.Range(0, 2500).Select(row => $"w{row}|x"), Evaluate.Lists("words(w)", Of(Texts("w", [.. Enumerable.Range(0, 2500).Select(row => $"w{row} x")]))));
        Assert.Empty(Evaluate.Lists("words(w)", Of(Texts("w"))));
    }

    [Fact]
    public void What_would_grow_too_large_is_missing()
    {
        var rows = Of(Texts("w", string.Join(' ', Enumerable.Range(0, 40_000))));
        Assert.Equal([40_000], Evaluate.Numbers("count(distinct(words(w)))", rows));
        Assert.Equal([null], Evaluate.Numbers("count(ngrams(words(w), 1, 20))", rows));
        Assert.Equal([null], Evaluate.Numbers("length(join(words(w), 'a long separator, far too long'))", rows));
    }
}
