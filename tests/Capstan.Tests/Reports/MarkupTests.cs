namespace Capstan.Tests;

public sealed class MarkupTests
{
    [Fact]
    public void Texts_in_holes_are_escaped_and_markup_is_not()
    {
        const string Text = "<script>alert('x') & \"y\"</script>";
        var inner = Markup.Of($"<b title=\"{Text}\">{Text}</b>");
        const string Escaped = "&lt;script&gt;alert(&#39;x&#39;) &amp; &quot;y&quot;&lt;/script&gt;";
        Assert.Equal($"<p><b title=\"{Escaped}\">{Escaped}</b></p>", Markup.Of($"<p>{inner}</p>").ToString());
        Assert.Equal("<i>a</i><i>&lt;</i>", Markup.Of($"{"a<".Select(each => Markup.Of($"<i>{each.ToString()}</i>"))}").ToString());
    }

    [Fact]
    public void Numbers_are_written_the_same_everywhere() => Assert.Equal("1.25 12345 -0.5", Markup.Of($"{1.2512} {12345L} {-0.5}").ToString());

    [Fact]
    public void Nothing_is_nothing() => Assert.Equal("", Markup.Of($"{(string?)null}{Markup.Nothing}").ToString());
}
