namespace Capstan.Features;

/// <summary>
/// Great circles on a sphere with the Earth's mean radius, which differ from the ellipsoid's by at most 0.6 %. Latitudes −90 to
/// 90 and longitudes in degrees; NaN where a latitude is beyond. One definition for the engine and the reference.
/// </summary>
static class Geodesy
{
    /// <summary>Kilometres: the mean radius R₁ of the WGS 84 ellipsoid (IUGG).</summary>
    public const double MeanRadius = 6371.0088;

    public const double RadiansPerDegree = Math.PI / 180;

    /// <summary>The distance in kilometres.</summary>
    /// <remarks>
    /// Source: R. W. Sinnott, "Virtues of the Haversine" (1984); the angle by atan2, which is exact for near points and antipodes
    /// alike.
    /// </remarks>
    public static double Haversine(double latitude1, double longitude1, double latitude2, double longitude2)
    {
        if (!AreOnEarth(latitude1, latitude2))
        {
            return double.NaN;
        }

        var northing = Math.Sin((latitude2 - latitude1) * RadiansPerDegree / 2);
        var easting = Math.Sin((longitude2 - longitude1) * RadiansPerDegree / 2);
        var square = northing * northing + Math.Cos(latitude1 * RadiansPerDegree) * Math.Cos(
            latitude2 * RadiansPerDegree) * easting * easting;
        return 2 * MeanRadius * Math.Atan2(Math.Sqrt(square), Math.Sqrt(Math.Max(0, 1 - square)));
    }

    /// <summary>
    /// The direction at the first point of the way to the second: degrees from north over east, 0 ≤ θ &lt; 360; 0 where they are
    /// one point.
    /// </summary>
    public static double Bearing(double latitude1, double longitude1, double latitude2, double longitude2)
    {
        if (!AreOnEarth(latitude1, latitude2))
        {
            return double.NaN;
        }

        var (sine1, cosine1) = (Math.Sin(latitude1 * RadiansPerDegree), Math.Cos(latitude1 * RadiansPerDegree));
        var (sine2, cosine2) = (Math.Sin(latitude2 * RadiansPerDegree), Math.Cos(latitude2 * RadiansPerDegree));
        var easting = (longitude2 - longitude1) * RadiansPerDegree;
        var degrees = Math.Atan2(
            Math.Sin(easting) * cosine2, cosine1 * sine2 - sine1 * cosine2 * Math.Cos(easting)) / RadiansPerDegree;
        // A negative angle next to 0 rounds to 360, which is 0 again.
        return degrees >= 0 ? degrees : (degrees + 360) % 360;
    }

    static bool AreOnEarth(double latitude1, double latitude2) => Math.Abs(latitude1) <= 90 && Math.Abs(latitude2) <= 90;
}
