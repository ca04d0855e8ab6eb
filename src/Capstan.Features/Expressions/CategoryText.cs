using System.Buffers.Text;
using System.Globalization;

namespace Capstan.Features;

/// <summary>
/// The one text form of a number as a category or hash key: a whole number below 2⁵³ in magnitude as plain digits, any other in
/// the shortest form that reads back to the same double (17 → "17", 0.5 → "0.5", 1e20 → "1E+20").
/// </summary>
/// <remarks>
/// 2⁻²⁵ and 2⁻⁹⁵⁸ share theirs with their neighbours, as .NET writes them; models have such texts as keys, so that they stay.
/// </remarks>
public static class CategoryText
{
    internal const int MaxBytes = 32;
    const double LargestExactInteger = 1L << 53;

    public static string Of(double value) => IsWhole(value)
        ? ((long)value).ToString(CultureInfo.InvariantCulture)
        : value.ToString("R", CultureInfo.InvariantCulture);

    /// <returns>The bytes written.</returns>
    internal static int Write(double value, Span<byte> utf8)
    {
        if (IsWhole(value))
        {
            return Write((long)value, utf8);
        }

        value.TryFormat(utf8, out var written, "R", CultureInfo.InvariantCulture);
        return written;
    }

    internal static int Write(long value, Span<byte> utf8)
    {
        Utf8Formatter.TryFormat(value, utf8, out var written);
        return written;
    }

    static bool IsWhole(double value) => Math.Floor(value) == value && Math.Abs(value) < LargestExactInteger;
}
