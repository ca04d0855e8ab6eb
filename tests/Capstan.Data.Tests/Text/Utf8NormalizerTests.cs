using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Capstan.Tests.Support;

namespace Capstan.Data.Tests.Text;

public sealed class Utf8NormalizerTests
{
    readonly Utf8Normalizer _normalizer = new();

    static string Oracle([CallerFilePath] string caller = "") => Path.Combine(Path.GetDirectoryName(caller)!, "..", "Oracles", "normalization.tsv");

    string Of(string text, TextForm form) => Encoding.UTF8.GetString(_normalizer.Normalize(Encoding.UTF8.GetBytes(text), form));

    [Theory]
    [InlineData("", "", "", "")]
    [InlineData("plain ASCII", "plain ASCII", "plain ASCII", "plain ASCII")]
    [InlineData("e\u0301", "é", "é", "e")]
    [InlineData("e\u0323\u0301", "ẹ\u0301", "ẹ\u0301", "e")]
    [InlineData("\u0301\u0323a", "\u0323\u0301a", "\u0323\u0301a", "a")]
    [InlineData("\u1112\u1161\u11AB", "한", "한", "한")]
    [InlineData("한국", "한국", "한국", "한국")]
    [InlineData("ﬁ①Ａ²", "ﬁ①Ａ²", "fi1A2", "ﬁ①Ａ²")]
    [InlineData("Å ø ł Й ß", "Å ø ł Й ß", "Å ø ł Й ß", "A ø ł И ß")]
    [InlineData("𝄞 \U0001D15E", "𝄞 \U0001D157\U0001D165", "𝄞 \U0001D157\U0001D165", "𝄞 \U0001D157")]
    public void The_normal_forms_of(string text, string canonical, string compatible, string withoutMarks) => Assert.Equal(
        [canonical, compatible, withoutMarks], [Of(text, TextForm.Canonical), Of(text, TextForm.Compatible), Of(text, TextForm.WithoutMarks)]);

    /// <summary>Oracles/normalization.py: every code point that says anything, samples of the others, and random sequences of telling ones.</summary>
    [Fact]
    public void Pythons_unicode_data_gives_the_same_forms()
    {
        static string Text(string points) => string.Concat(points.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(point => new Rune(int.Parse(point, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString()));
        var cases = File.ReadAllLines(Oracle());
        Assert.True(cases.Length > 700);
        foreach (var line in cases)
        {
            var texts = line.Split('\t').Select(Text).ToArray();
            Assert.Equal(texts[1], Of(texts[0], TextForm.Canonical));
            Assert.Equal(texts[2], Of(texts[0], TextForm.Compatible));
            Assert.Equal(texts[3], Of(texts[0], TextForm.WithoutMarks));
        }
    }

    [Fact]
    public void A_normal_form_is_its_own_normal_form()
    {
        foreach (var line in File.ReadAllLines(Oracle()))
        {
            foreach (var form in Enum.GetValues<TextForm>())
            {
                var text = string.Concat(line.Split('\t')[0].Split(' ').Select(point => new Rune(int.Parse(point, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString()));
                Assert.Equal(Of(text, form), Of(Of(text, form), form));
            }
        }
    }

    [Fact]
    public void A_hundred_thousand_marks_on_one_letter_are_sorted_and_nothing_is_allocated()
    {
        var text = Encoding.UTF8.GetBytes("a" + string.Concat(Enumerable.Repeat("\u0315\u0301\u0323", 33_333)));
        var expected = "\u1EA1" + new string('\u0323', 33_332) + new string('\u0301', 33_333) + new string('\u0315', 33_333);
        Assert.Equal(expected, Encoding.UTF8.GetString(_normalizer.Normalize(text, TextForm.Canonical)));
        Assert.Equal(0, Allocations.Of(() => _normalizer.Normalize(text, TextForm.Canonical)));
    }
}
