using System.Text.RegularExpressions;
using Capstan.Features;

namespace Capstan.Cli;

/// <summary>Frozen expressions for people: the first few terms of a vocabulary, the first few of many boundaries.</summary>
static partial class ShortText
{
    const int Shown = 4;

    public static string Of(Expr expr) => NumberList().Replace(Shorten(expr).ToString(), list =>
    {
        var numbers = list.Value.Trim('[', ']').Split(", ");
        return numbers.Length <= Shown + 1
            ? list.Value
            : $"[{string.Join(", ", numbers.Take(Shown))}, … {ResultTable.Count(numbers.Length)} in all]";
    });

    /// <summary>The first few of some names.</summary>
    public static string Of(IReadOnlyList<string> names) => names.Count <= Shown + 1
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(Shown))}, … {ResultTable.Count(names.Count)} in all";

    static Expr Shorten(Expr expr) => ExprChildren.WithChildren(expr, Shorten) switch
    {
        VocabularyExpr { Terms: FixedTerms { Values: { Count: > Shown + 1 } values } terms } vocabulary => vocabulary with
        {
            Terms = terms with { Values = [.. values.Take(Shown), $"… {ResultTable.Count(values.Count)} in all"] },
        },
        var same => same,
    };

    [GeneratedRegex(@"\[-?[0-9][-+0-9.,eE ]*\]")]
    private static partial Regex NumberList();
}
