namespace Capstan.Features.Tests.Parity;

/// <summary>How far a number may be from the reference's: so many units in the last place, or so much, whichever is more.</summary>
readonly record struct Closeness(long Units, double Difference)
{
    public static Closeness ToTheBit => default;

    public bool Allows(object? expected, object? found) => UnitsBetween(expected, found) <= Units
        || (expected is double x && found is double y && Math.Abs(x - y) <= Difference);

    /// <summary>Between doubles; other values, or a missing one, are equal (0) or as far apart as can be.</summary>
    public static long UnitsBetween(object? expected, object? found) => (expected, found) switch
    {
        (double x, double y) => UnitsInTheLastPlace.Between(x, y),
        _ => Equals(expected, found) ? 0 : long.MaxValue,
    };
}
