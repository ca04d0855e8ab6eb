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

    static CallExpr Call(ScalarFunction function, params ReadOnlySpan<Expr> operands) => new(function, [.. operands]);
}
