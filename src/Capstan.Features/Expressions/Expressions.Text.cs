namespace Capstan.Features;

/// <summary>Texts: every position and length counts code points, every comparison is exact.</summary>
public static partial class Expressions
{
    public static Expr Lower(Expr text) => Call(ScalarFunction.Lower, text);

    public static Expr Upper(Expr text) => Call(ScalarFunction.Upper, text);

    public static Expr Trim(Expr text) => Call(ScalarFunction.Trim, text);

    public static Expr Length(Expr text) => Call(ScalarFunction.Length, text);

    /// <param name="start">0-based.</param>
    public static Expr Substring(Expr text, Expr start, Expr count) => Call(ScalarFunction.Substring, text, start, count);

    public static Expr Replace(Expr text, Expr old, Expr with) => Call(ScalarFunction.Replace, text, old, with);

    public static Expr Concat(params ReadOnlySpan<Expr> texts) => Call(ScalarFunction.Concat, texts);

    public static Expr Contains(Expr text, Expr part) => Call(ScalarFunction.Contains, text, part);

    public static Expr StartsWith(Expr text, Expr start) => Call(ScalarFunction.StartsWith, text, start);

    public static Expr EndsWith(Expr text, Expr end) => Call(ScalarFunction.EndsWith, text, end);

    /// <param name="index">0-based.</param>
    public static Expr SplitPart(Expr text, Expr separator, Expr index) => Call(ScalarFunction.SplitPart, text, separator, index);

    /// <summary>A number as text.</summary>
    public static Expr TextOf(Expr x) => Call(ScalarFunction.TextOf, x);

    /// <summary>The number that a text writes; missing if it writes none.</summary>
    public static Expr NumberOf(Expr text) => Call(ScalarFunction.NumberOf, text);

    /// <summary>Whether a regular expression of .NET's, without what needs backtracking, is found in the text.</summary>
    public static Expr RegexMatches(Expr text, string pattern) => Call(ScalarFunction.RegexMatches, text, Text(pattern));

    /// <param name="group">0 is the whole match.</param>
    public static Expr RegexExtract(Expr text, string pattern, int group = 0) =>
        Call(ScalarFunction.RegexExtract, text, Text(pattern), group);

    /// <param name="with">$1 is the first group, $0 the whole match, $$ a dollar.</param>
    public static Expr RegexReplace(Expr text, string pattern, string with) =>
        Call(ScalarFunction.RegexReplace, text, Text(pattern), Text(with));

    /// <param name="form">NFC or NFKC.</param>
    public static Expr Normalize(Expr text, string form = "NFC") => Call(ScalarFunction.Normalize, text, Text(form));

    public static Expr StripAccents(Expr text) => Call(ScalarFunction.StripAccents, text);

    /// <summary>The 0-based place of a part; missing where it is not in the text.</summary>
    public static Expr IndexOf(Expr text, Expr part) => Call(ScalarFunction.IndexOf, text, part);

    public static Expr Occurrences(Expr text, Expr part) => Call(ScalarFunction.Occurrences, text, part);

    /// <param name="fill">One code point.</param>
    public static Expr PadLeft(Expr text, Expr width, string fill) => Call(ScalarFunction.PadLeft, text, width, Text(fill));

    static CallExpr Call(ScalarFunction function, params ReadOnlySpan<Expr> operands) => new(function, [.. operands]);
}
