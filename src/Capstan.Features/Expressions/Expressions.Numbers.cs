namespace Capstan.Features;

/// <summary>Further functions of numbers, choices among values, and geometry.</summary>
public static partial class Expressions
{
    public static Expr Power(Expr x, Expr y) => Call(ScalarFunction.Power, x, y);

    /// <summary>The nearest whole number; halves go to the even one.</summary>
    public static Expr Round(Expr x) => Call(ScalarFunction.Round, x);

    public static Expr Sign(Expr x) => Call(ScalarFunction.Sign, x);

    public static Expr ArcTangent(Expr y, Expr x) => Call(ScalarFunction.ArcTangent, y, x);

    public static Expr HyperbolicTangent(Expr x) => Call(ScalarFunction.HyperbolicTangent, x);

    public static Expr LogTen(Expr x) => Call(ScalarFunction.LogTen, x);

    public static Expr Degrees(Expr radians) => radians * (180 / Math.PI);

    public static Expr Radians(Expr degrees) => degrees * (Math.PI / 180);

    /// <summary>The first value that is not missing.</summary>
    public static Expr Coalesce(Expr first, params ReadOnlySpan<Expr> others) =>
        others.IsEmpty ? first : Impute(first, Coalesce(others[0], others[1..]));

    /// <summary>low ≤ x ≤ high, of numbers or times.</summary>
    public static Expr Between(Expr x, Expr low, Expr high) => And(x >= low, x <= high);

    /// <summary>
    /// sin(2π · x / period): with <see cref="CycleCos"/> the place on a circle, so that hour 23 is next to hour 0.
    /// </summary>
    public static Expr CycleSin(Expr x, Expr period) => Sin(x / period * (2 * Math.PI));

    public static Expr CycleCos(Expr x, Expr period) => Cos(x / period * (2 * Math.PI));

    /// <summary>Kilometres along the great circle between two points in degrees.</summary>
    public static Expr Haversine(Expr latitude1, Expr longitude1, Expr latitude2, Expr longitude2) =>
        Call(ScalarFunction.Haversine, latitude1, longitude1, latitude2, longitude2);

    /// <summary>
    /// Degrees from north over east, 0 to 360, in which the great circle from the first point to the second begins.
    /// </summary>
    public static Expr Bearing(Expr latitude1, Expr longitude1, Expr latitude2, Expr longitude2) =>
        Call(ScalarFunction.Bearing, latitude1, longitude1, latitude2, longitude2);

    /// <summary>
    /// The cell of a point in a grid of degrees, as the text row:column, both counted from latitude and longitude 0.
    /// </summary>
    public static Expr Grid(Expr latitude, Expr longitude, Expr cellsPerDegree) =>
        Concat(TextOf(Floor(latitude * cellsPerDegree)), Text(":"), TextOf(Floor(longitude * cellsPerDegree)));
}
