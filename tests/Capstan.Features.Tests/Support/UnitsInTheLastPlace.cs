namespace Capstan.Features.Tests;

/// <summary>How many doubles lie between two: 0 if they are equal; very many if only one is missing (NaN).</summary>
static class UnitsInTheLastPlace
{
    public static long Between(double x, double y) => double.IsNaN(x) || double.IsNaN(y)
        ? double.IsNaN(x) && double.IsNaN(y) ? 0 : long.MaxValue
        : (long)UInt128.Min((UInt128)Int128.Abs((Int128)Ordered(x) - Ordered(y)), long.MaxValue);

    // The bits of doubles are in order among those of one sign.
    static long Ordered(double value) => BitConverter.DoubleToInt64Bits(value) is >= 0 and var bits ? bits : long.MinValue - BitConverter.DoubleToInt64Bits(value);
}
