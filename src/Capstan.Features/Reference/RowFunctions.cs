using System.Diagnostics;
using System.Globalization;
using System.Text;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>What every <see cref="ScalarFunction"/> means, for the values of <see cref="RowReference"/>; on .NET's strings and runes.</summary>
static class RowFunctions
{
    public static object? Call(ScalarFunction function, object?[] operands)
    {
        if (operands.Any(operand => operand is null))
        {
            return null;
        }

        string Text(int index) => (string)operands[index]!; // checked above
        double Number(int index) => RowReference.Number(operands[index])!.Value; // checked above
        DateTime Moment(int index) => Timestamps.ToDateTime(((RowReference.Time)operands[index]!).Microseconds); // checked above

        return function switch
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
            _ => throw new UnreachableException(),
        };
    }

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
        var length = parts.Sum(part => (long)Encoding.UTF8.GetByteCount(part)) + (parts.Length - 1L) * Encoding.UTF8.GetByteCount(between);
        return length <= TextLimits.LargestMade ? string.Join(between, parts) : null;
    }
}
