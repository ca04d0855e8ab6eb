using System.Text;
using static Capstan.Features.Tests.Rows;

namespace Capstan.Features.Tests;

public sealed class TextOpsTests
{
    [Theory]
    [InlineData("lower(w)", "ABC é ÀÖ 17", "abc é àö 17")]
    [InlineData("lower(w)", "ΑΣ ǅ 𐐀 ẞ", "ασ ǆ 𐐨 ß")]
    [InlineData("upper(w)", "straße ǆ 𐐨 ÿ", "STRAßE Ǆ 𐐀 Ÿ")]
    [InlineData("lower(w)", "İı", "İı")]
    [InlineData("upper(w)", "İı", "İı")]
    [InlineData("lower(w)", "", "")]
    [InlineData("trim(w)", " \t a b\r\n ", "a b")]
    [InlineData("trim(w)", "\u00a0\u2003日\u3000", "日")]
    [InlineData("trim(w)", " \u2003 ", "")]
    [InlineData("substring(w, 0, 3)", "日本語学", "日本語")]
    [InlineData("substring(w, 1, 1)", "a𝄞b", "𝄞")]
    [InlineData("substring(w, 2, 100)", "abc", "c")]
    [InlineData("substring(w, 3, 1)", "abc", "")]
    [InlineData("substring(w, -5, 2)", "abc", "ab")]
    [InlineData("substring(w, 1, -1)", "abc", "")]
    [InlineData("substring(w, 0.9, 1.9)", "abc", "a")]
    [InlineData("substring(w, 1e300, 1e300)", "abc", "")]
    [InlineData("replace(w, 'aa', 'b')", "aaaaa", "bba")]
    [InlineData("replace(w, 'ö', '')", "öaöö", "a")]
    [InlineData("replace(w, '', 'x')", "abc", "abc")]
    [InlineData("replace(w, 'long', 'l')", "abc", "abc")]
    [InlineData("replace(w, w, 'all')", "abc", "all")]
    [InlineData("concat(w, '-', w)", "é", "é-é")]
    [InlineData("concat(w)", "", "")]
    [InlineData("split_part(w, ',', 0)", "a,b,,c", "a")]
    [InlineData("split_part(w, ',', 2)", "a,b,,c", "")]
    [InlineData("split_part(w, ',', 3.9)", "a,b,,c", "c")]
    [InlineData("split_part(w, ',', 4)", "a,b,,c", null)]
    [InlineData("split_part(w, ',', -1)", "a,b,,c", null)]
    [InlineData("split_part(w, 'aa', 1)", "aaa", "a")]
    [InlineData("split_part(w, '', 0)", "abc", "abc")]
    [InlineData("split_part(w, '', 1)", "abc", null)]
    [InlineData("split_part(w, ', ', 1)", "", null)]
    [InlineData("regex_extract(w, '[0-9]+')", "flight 123 of 45", "123")]
    [InlineData("regex_extract(w, '([a-z]+) ([0-9]+)', 2)", "flight 123", "123")]
    [InlineData("regex_extract(w, '(a)|(b)', 2)", "a", null)]
    [InlineData("regex_extract(w, '[0-9]+')", "none", null)]
    [InlineData("regex_extract(w, 'x*')", "none", "")]
    [InlineData("regex_extract(w, '(?i)ÉTÉ')", "un été", "été")]
    [InlineData("regex_extract(w, '^.')", "𝄞", "\uFFFD")]
    [InlineData("regex_replace(w, '[0-9]+', '#')", "a1b22c", "a#b#c")]
    [InlineData("regex_replace(w, '([0-9])([a-z])', '$2$1')", "1a2b", "a1b2")]
    [InlineData("regex_replace(w, 'x*', '-')", "ab", "-a-b-")]
    [InlineData("regex_replace(w, '^', '€')", "", "€")]
    [InlineData("normalize(w)", "e\u0301 ﬁ", "é ﬁ")]
    [InlineData("normalize(w, 'NFKC')", "e\u0301 ﬁ Ａ①", "é fi A1")]
    [InlineData("strip_accents(w)", "Ångström, naïve, 한글, ø", "Angstrom, naive, 한글, ø")]
    [InlineData("pad_left(w, 5, '0')", "123", "00123")]
    [InlineData("pad_left(w, 3, '本')", "𝄞", "本本𝄞")]
    [InlineData("pad_left(w, 2.9, '0')", "123", "123")]
    [InlineData("pad_left(w, -1e300, '0')", "123", "123")]
    [InlineData("pad_left(w, 1e300, '0')", "123", null)]
    public void A_function_of_a_text_gives(string expression, string text, string? expected)
    {
        var rows = Of(Texts("w", text, null, text));
        Assert.Equal([expected, null, expected], Evaluate.Texts(expression, rows));
    }

    [Theory]
    [InlineData("length(w)", "", 0.0)]
    [InlineData("length(w)", "日本語", 3.0)]
    [InlineData("length(w)", "a𝄞e\u0301", 4.0)]
    [InlineData("length(w)", "seventeen letters of ASCII, then ö and 𝄞", 40.0)]
    [InlineData("contains(w, 'b𝄞')", "ab𝄞", 1.0)]
    [InlineData("contains(w, '')", "", 1.0)]
    [InlineData("contains(w, 'A')", "a", 0.0)]
    [InlineData("starts_with(w, 'é')", "été", 1.0)]
    [InlineData("starts_with(w, 'e')", "e\u0301", 1.0)]
    [InlineData("starts_with(w, 'abc')", "ab", 0.0)]
    [InlineData("ends_with(w, 'é')", "été", 1.0)]
    [InlineData("ends_with(w, '')", "a", 1.0)]
    [InlineData("regex_matches(w, '^[A-Z]{2}[0-9]+$')", "AB123", 1.0)]
    [InlineData("regex_matches(w, '^[A-Z]{2}[0-9]+$')", "xAB123", 0.0)]
    [InlineData("regex_matches(w, '')", "", 1.0)]
    [InlineData("index_of(w, '本')", "日本", 1.0)]
    [InlineData("index_of(w, 'x')", "日本", null)]
    [InlineData("index_of(w, '')", "", 0.0)]
    [InlineData("occurrences(w, 'aa')", "aaaaa", 2.0)]
    [InlineData("occurrences(w, '')", "aaaaa", 0.0)]
    [InlineData("number(w)", "17", 17.0)]
    [InlineData("number(w)", " -1.5e3\t", -1500.0)]
    [InlineData("number(w)", ".5", 0.5)]
    [InlineData("number(w)", "-0", 0.0)]
    [InlineData("number(w)", "9007199254740993", 9007199254740992.0)]
    [InlineData("number(w)", "1e999", null)]
    [InlineData("number(w)", "NaN", null)]
    [InlineData("number(w)", "Infinity", null)]
    [InlineData("number(w)", "1,5", null)]
    [InlineData("number(w)", "0x1A", null)]
    [InlineData("number(w)", "１７", null)]
    [InlineData("number(w)", "", null)]
    [InlineData("number(w)", "12 km", null)]
    public void A_number_of_a_text_is(string expression, string text, double? expected) =>
        Assert.Equal([expected, null], Evaluate.Numbers(expression, Of(Texts("w", text, null))));

    [Fact]
    public void A_number_as_text_keeps_every_digit_of_an_integer_column()
    {
        Assert.Equal(["9007199254740993", "-1", null], Evaluate.Texts("text(n)", Of(Integers("n", 9007199254740993, -1, null))));
        Assert.Equal(["0.5", "17", "1E+20", null], Evaluate.Texts("text(x)", Of(Numbers("x", 0.5, 17, 1e20, double.NaN))));
        Assert.Equal(["1", "0", null], Evaluate.Texts("text(b)", Of(Truths("b", true, false, null))));
        Assert.Equal(["3"], Evaluate.Texts("text(n + 1)", Of(Integers("n", 2))));
    }

    [Theory]
    [InlineData("concat(w, v)")]
    [InlineData("replace(w, 'x', v)")]
    [InlineData("split_part(w, v, 0)")]
    [InlineData("substring(w, number(v), 1)")]
    [InlineData("pad_left(w, number(v), ' ')")]
    public void A_missing_operand_makes_the_text_missing(string expression) =>
        Assert.Equal([null, null], Evaluate.Texts(expression, Of(Texts("w", "a", null), Texts("v", null, "1"))));

    [Fact]
    public void All_missing_no_rows_and_rows_beyond_a_tile_are_no_exception()
    {
        Assert.Equal([null, null], Evaluate.Texts("upper(trim(w))", Of(Texts("w", null, null))));
        Assert.Empty(Evaluate.Texts("upper(trim(w))", Of(Texts("w"))));
        Assert.Equal(
            Enumerable.Range(0, 2500).Select(row => $"W{row}"), Evaluate.Texts("upper(w)", Of(Texts("w", [.. Enumerable.Range(0, 2500).Select(row => $"w{row}")]))));
    }

    [Fact]
    public void Case_is_that_of_dotnet_for_every_code_point()
    {
        var texts = Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Chunk(64)
            .Select(chunk => (object?)string.Concat(chunk.Select(value => new Rune(value).ToString()))).ToArray();
        var rows = Of(Texts("w", texts));
        Assert.Equal(texts.Select(text => ((string)text!).ToLowerInvariant()), Evaluate.Texts("lower(w)", rows));
        Assert.Equal(texts.Select(text => ((string)text!).ToUpperInvariant()), Evaluate.Texts("upper(w)", rows));
    }

    [Fact]
    public void A_text_that_would_grow_beyond_a_mebibyte_is_missing_and_the_largest_is_not()
    {
        var half = new string('a', TextLimits.LargestMade / 2);
        var rows = Of(Texts("w", half, half + "a"));
        Assert.Equal([TextLimits.LargestMade, null], Evaluate.Numbers("length(concat(w, w))", rows));
        Assert.Equal([TextLimits.LargestMade, null], Evaluate.Numbers("length(replace(w, 'a', 'bb'))", rows));
        Assert.Equal([null, null], Evaluate.Numbers("length(replace(replace(replace(w, 'a', w), 'a', w), 'a', w))", rows));
    }

    [Theory]
    [InlineData(@"(.*a.{30}){3}x")]
    [InlineData("(a|aa)+$")]
    [InlineData("(x+x+)+y")]
    public void A_pattern_that_stalls_a_backtracking_engine_takes_steps_in_proportion_to_the_text(string pattern)
    {
        // 2 to the 2000 ways to match; this test would not end.
        Assert.Equal([0], Evaluate.Numbers(Expressions.RegexMatches(Expressions.Col("w"), pattern), Of(Texts("w", new string('a', 2000) + "b"))));
    }

    [Fact]
    public void A_text_too_long_for_a_pattern_is_missing_and_the_longest_is_not()
    {
        var longest = new string('a', TextPattern.LargestText);
        var rows = Of(Texts("w", longest, longest + "a"));
        Assert.Equal([1, null], Evaluate.Numbers("regex_matches(w, 'a$')", rows));
        Assert.Equal([TextPattern.LargestText, null], Evaluate.Numbers("length(regex_extract(w, 'a+'))", rows));
        Assert.Equal([null, null], Evaluate.Numbers("length(regex_replace(w, 'a', 'twenty characters...'))", rows));
    }

    [Fact]
    public void A_text_too_long_to_normalise_is_missing_and_the_longest_is_not()
    {
        var longest = new string('a', TextLimits.LargestMade - 2) + "é";
        Assert.Equal([TextLimits.LargestMade - 1, null], Evaluate.Numbers("length(normalize(w))", Of(Texts("w", longest, longest + "a"))));
        // One code point becomes 18.
        Assert.Equal([null], Evaluate.Numbers("length(normalize(w, 'NFKC'))", Of(Texts("w", new string('ﷺ', TextLimits.LargestMade / 4)))));
    }
}
