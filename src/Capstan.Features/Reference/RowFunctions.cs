using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// What every <see cref="ScalarFunction"/> means, for the values of <see cref="RowReference"/>; on .NET's strings and runes.
/// </summary>
static class RowFunctions
{
    public static object? Call(CallExpr call, object?[] operands)
    {
        if (operands.Any(operand => operand is null))
        {
            return null;
        }

        string Text(int index) => (string)operands[index]!; // checked above
        double Number(int index) => RowReference.Number(operands[index])!.Value; // checked above
        DateTime Moment(int index) => Timestamps.ToDateTime(((RowReference.Time)operands[index]!).Microseconds); // checked above

        ValueList<string> List(int index) => (ValueList<string>)operands[index]!; // checked above

        return call.Function switch
        {
            ScalarFunction.Lower => Text(0).ToLowerInvariant(),
            ScalarFunction.Upper => Text(0).ToUpperInvariant(),
            ScalarFunction.Trim => Text(0).Trim(),
            ScalarFunction.Length => (double)Text(0).EnumerateRunes().Count(),
            ScalarFunction.Substring => Substring(Text(0), Number(1), Number(2)),
            ScalarFunction.Replace => Join(Text(1).Length == 0 ? [Text(0)] : Text(0).Split(Text(1)), Text(2)),
            ScalarFunction.Concat => Join([.. operands.Cast<string>()], ""),
            ScalarFunction.Contains => Text(0).Contains(Text(1), StringComparison.Ordinal),
            ScalarFunction.StartsWith => Text(0).StartsWith(Text(1), StringComparison.Ordinal),
            ScalarFunction.EndsWith => Text(0).EndsWith(Text(1), StringComparison.Ordinal),
            ScalarFunction.SplitPart => SplitPart(Text(0), Text(1), Math.Floor(Number(2))),
            ScalarFunction.NumberOf => double.TryParse(Text(0), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                ? RowReference.Finite(number)
                : null,
            ScalarFunction.Power => RowReference.Finite(Math.Pow(Number(0), Number(1))),
            ScalarFunction.Round => RowReference.Finite(Math.Round(Number(0), MidpointRounding.ToEven)),
            ScalarFunction.Sign => (double)Math.Sign(Number(0)),
            ScalarFunction.ArcTangent => RowReference.Finite(Math.Atan2(Number(0), Number(1))),
            ScalarFunction.HyperbolicTangent => RowReference.Finite(Math.Tanh(Number(0))),
            ScalarFunction.LogTen => RowReference.Finite(Math.Log10(Number(0))),
            ScalarFunction.SecondsBetween => (Moment(1) - Moment(0)).Ticks / TimeSpan.TicksPerMicrosecond / 1e6,
            ScalarFunction.Haversine => RowReference.Finite(Geodesy.Haversine(Number(0), Number(1), Number(2), Number(3))),
            ScalarFunction.Bearing => RowReference.Finite(Geodesy.Bearing(Number(0), Number(1), Number(2), Number(3))),
            ScalarFunction.RegexMatches => TextPattern.Fits(Text(0)) ? Regex.IsMatch(Text(0), Text(1), TextPattern.Options)
                : null,
            ScalarFunction.RegexExtract => TextPattern.Fits(Text(0)) ? Extract(Text(0), Text(1), (int)Number(2)) : null,
            ScalarFunction.RegexReplace => TextPattern.Fits(Text(0))
                ? Limited(Whole(Regex.Replace(Text(0), Text(1), Text(2), TextPattern.Options))) : null,
            ScalarFunction.Normalize or ScalarFunction.StripAccents => TextForms.Apply(Text(0), TextForms.Of(call)),
            ScalarFunction.IndexOf => Text(0).IndexOf(Text(1), StringComparison.Ordinal) is >= 0 and var at
                ? (double)Text(0)[..at].EnumerateRunes().Count() : null,
            ScalarFunction.Occurrences => Text(1).Length == 0 ? 0.0 : Text(0).Split(Text(1)).Length - 1.0,
            ScalarFunction.PadLeft => PadLeft(Text(0), Math.Floor(Number(1)), Text(2)),
            ScalarFunction.Split => RowLists.Split(Text(0), Text(1)),
            ScalarFunction.Words => RowLists.Words(Text(0)),
            ScalarFunction.Characters => new ValueList<string>([.. Text(0).EnumerateRunes().Select(rune => rune.ToString())]),
            ScalarFunction.NGrams => RowLists.NGrams(List(0), (int)Number(1), (int)Number(2), Text(3)),
            ScalarFunction.Distinct => new ValueList<string>([.. List(0).Distinct(StringComparer.Ordinal)]),
            ScalarFunction.Count => (double)List(0).Count,
            ScalarFunction.Item => Math.Floor(Number(1)) is var index && index >= 0 && index < List(0).Count ? List(0)[(int)index]
                : null,
            ScalarFunction.Join => Join([.. List(0)], Text(1)),
            ScalarFunction.Includes => List(0).Contains(Text(1)),
            _ => throw new UnreachableException(),
        };
    }

    static string? Extract(string text, string pattern, int group) =>
        Regex.Match(text, pattern, TextPattern.Options) is { Success: true } match &&
            match.Groups[group] is { Success: true } found ? Whole(found.Value) : null;

    /// <summary>Half a character beyond U+FFFF, which a pattern may have cut off, becomes U+FFFD.</summary>
    static string Whole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    static string? PadLeft(string text, double width, string fill)
    {
        var absent = Math.Max(0, width - text.EnumerateRunes().Count());
        return absent > TextLimits.LargestMade ? null : Limited(string.Concat(Enumerable.Repeat(fill, (int)absent)) + text);
    }

    static string? Limited(string text) => Encoding.UTF8.GetByteCount(text) <= TextLimits.LargestMade ? text : null;

    static string Substring(string text, double start, double count) =>
        string.Concat(text.EnumerateRunes().Where((_, index) =>
            index >= Math.Floor(Math.Max(start, 0)) && index < Math.Floor(Math.Max(start, 0)) + Math.Floor(count)));

    static string? SplitPart(string text, string separator, double index)
    {
        string[] parts = separator.Length == 0 ? [text] : text.Split(separator);
        return index >= 0 && index < parts.Length ? parts[(int)index] : null;
    }

    static string? Join(string[] parts, string between)
    {
        var length = parts.Sum(part => (long)Encoding.UTF8.GetByteCount(part)) +
            Math.Max(0, parts.Length - 1L) * Encoding.UTF8.GetByteCount(between);
        return length <= TextLimits.LargestMade ? string.Join(between, parts) : null;
    }
}
