using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Capstan;

/// <summary>
/// HTML that is escaped by construction: the literal parts of an interpolated string are markup, and every text in its holes is
/// escaped, for elements' contents and quoted attributes alike. Only other markup goes in as it is.
/// </summary>
[InterpolatedStringHandler]
sealed class Markup(int literalLength, int holes)
{
    readonly StringBuilder _text = new(literalLength + 16 * holes);

    public static readonly Markup Nothing = Of($"");

    /// <summary>The markup that an interpolated string says.</summary>
    public static Markup Of(Markup markup) => markup;

    /// <summary>A text of the program's own, such as a style sheet, as it is. Never give it anything that was read.</summary>
    public static Markup Trusted(string text)
    {
        var markup = new Markup(text.Length, 0);
        markup.AppendLiteral(text);
        return markup;
    }

    public void AppendLiteral(string markup) => _text.Append(markup);

    public void AppendFormatted(Markup markup) => _text.Append(markup._text);

    public void AppendFormatted(IEnumerable<Markup> parts)
    {
        foreach (var part in parts)
        {
            AppendFormatted(part);
        }
    }

    public void AppendFormatted(string? text) => _text.Append(WebUtility.HtmlEncode(text));

    public void AppendFormatted(long number) => _text.Append(CultureInfo.InvariantCulture, $"{number}");

    /// <summary>A coordinate or a width: two decimals are finer than any screen.</summary>
    public void AppendFormatted(double number) => _text.Append(CultureInfo.InvariantCulture, $"{number:0.##}");

    public override string ToString() => _text.ToString();
}
