using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Capstan.Features;

/// <summary>
/// Regular expressions in expressions: .NET's syntax without culture and without backtracking, so that the time for a row grows
/// with its text and nothing else. One definition for the engine and the reference; docs/decisions/0100.
/// </summary>
/// <remarks>Patterns see UTF-16: a character beyond U+FFFF counts as two.</remarks>
static partial class TextPattern
{
    /// <summary>
    /// Bytes of UTF-8. The result for a longer text is missing, because finding all matches may take the square of its length.
    /// </summary>
    public const int LargestText = 1 << 16;

    public const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    const int LongestPattern = 1000;
    const double LargestRepetition = 1000;

    [GeneratedRegex(@"\{(\d+)(?:,(\d*))?\}")]
    static partial Regex Counts { get; }

    public static bool Fits(string text) => Encoding.UTF8.GetByteCount(text) <= LargestText;

    /// <summary>The pattern of a well-typed call.</summary>
    public static Regex Of(CallExpr call) => new(((TextExpr)call.Operands[1]).Value, Options);

    public static int GroupOf(CallExpr call) => (int)((NumberExpr)call.Operands[2]).Value;

    public static string ReplacementOf(CallExpr call) => ((TextExpr)call.Operands[2]).Value;

    /// <summary>What is wrong about the constants of a call, as a sentence; null where nothing is.</summary>
    public static string? Misfit(CallExpr call)
    {
        if (call.Operands[1] is not TextExpr { Value: var pattern })
        {
            return $"the pattern is a quoted text, found '{call.Operands[1]}'.";
        }

        if (pattern.Length > LongestPattern)
        {
            return $"the pattern has {pattern.Length:N0} characters, expected at most {LongestPattern:N0}.";
        }

        var repetition = Counts.Matches(pattern).Aggregate(
            1.0, (product, count) => product * Math.Max(1, Math.Max(Number(count.Groups[1]), Number(count.Groups[2]))));
        if (repetition > LargestRepetition)
        {
            return $"the counts in braces multiply to {repetition:N0}, expected at most {LargestRepetition:N0}: each takes " +
                $"that much more time for a row.";
        }

        try
        {
            return Misfit(call, Of(call));
        }
        catch (RegexParseException problem)
        {
            // .NET's message says the pattern and the place first; only its last sentence is new.
            var said = problem.Message[(problem.Message.IndexOf($"offset {problem.Offset}. ",
                StringComparison.Ordinal) is >= 0 and var at ? at + $"offset {problem.Offset}. ".Length : 0)..];
            return $"the pattern is wrong at its character {problem.Offset}, after " +
                $"'{pattern[..Math.Min(problem.Offset, pattern.Length)]}': {said}";
        }
        catch (NotSupportedException problem)
        {
            var named = problem.Message.Split('\'');
            return named.Length >= 3
                ? $"the pattern holds what can take any time for a row: {string.Join('\'', named[1..^1])}. Write it without."
                : "the pattern is too large.";
        }
    }

    static string? Misfit(CallExpr call, Regex regex) => call.Function switch
    {
        ScalarFunction.RegexExtract when call.Operands[2] is not NumberExpr { Value: var group } ||
            !regex.GetGroupNumbers().Any(number => number == group) =>
            $"the group is {call.Operands[2]}, expected a number from 0 to {regex.GetGroupNumbers().Max()}: the pattern has " +
                $"so many groups.",
        ScalarFunction.RegexReplace when call.Operands[2] is not TextExpr =>
            $"the new text is a quoted text, found '{call.Operands[2]}'.",
        ScalarFunction.RegexReplace when ReplacementOf(call).Length > LongestPattern =>
            $"the new text is longer than {LongestPattern:N0} characters.",
        _ => null,
    };

    static double Number(Group digits) => digits.Length == 0 ? 0 : double.Parse(digits.Value, CultureInfo.InvariantCulture);
}
