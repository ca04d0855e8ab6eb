using static Capstan.Features.Tests.Rows;

namespace Capstan.Features.Tests;

public sealed class GeodesyTests
{
    [Theory]
    [InlineData(0, 0, 0, 180, Math.PI * 6371.0088)]
    [InlineData(90, 0, -90, 77, Math.PI * 6371.0088)]
    [InlineData(0, 10, 0, 11, Math.PI * 6371.0088 / 180)]
    [InlineData(0, 179.5, 0, -179.5, Math.PI * 6371.0088 / 180)]
    [InlineData(52.52, 13.405, 52.52, 13.405, 0)]
    public void A_distance_is(double latitude1, double longitude1, double latitude2, double longitude2, double kilometres) =>
        Assert.Equal(kilometres, Geodesy.Haversine(latitude1, longitude1, latitude2, longitude2), 1e-6);

    [Theory]
    [InlineData(0, 0, 1, 0, 0)]
    [InlineData(0, 0, 0, 1, 90)]
    [InlineData(1, 0, 0, 0, 180)]
    [InlineData(0, 0, 0, -1, 270)]
    [InlineData(0, 179.5, 0, -179.5, 90)]
    [InlineData(52, 13, 52, 13, 0)]
    public void A_bearing_is(double latitude1, double longitude1, double latitude2, double longitude2, double degrees) =>
        Assert.Equal(degrees, Geodesy.Bearing(latitude1, longitude1, latitude2, longitude2), 1e-9);

    [Fact]
    public void What_is_not_on_earth_or_missing_has_no_distance_and_no_bearing()
    {
        var rows = Of(Numbers("y", 90, 90.1, -91, null, 10), Numbers("x", 0, 0, 0, 0, null));
        Assert.Equal([false, true, true, true, true], Evaluate.Numbers("haversine(y, x, 0, 0)", rows).Select(value => value is null));
        Assert.Equal([false, true, true, true, true], Evaluate.Numbers("bearing(0, 0, y, x)", rows).Select(value => value is null));
    }

    [Fact]
    public void Distances_and_bearings_are_those_of_vectors_in_space()
    {
        var random = new Random(17);
        for (var repeat = 0; repeat < 10_000; repeat++)
        {
            var (latitude1, longitude1) = (random.NextDouble() * 179 - 89.5, random.NextDouble() * 720 - 360);
            var (latitude2, longitude2) = (random.NextDouble() * 179 - 89.5, random.NextDouble() * 720 - 360);
            var (u, v) = (Point(latitude1, longitude1), Point(latitude2, longitude2));
            var angle = Math.Atan2(Length(Cross(u, v)), Dot(u, v));
            Assert.Equal(angle * 6371.0088, Geodesy.Haversine(latitude1, longitude1, latitude2, longitude2), 1e-6);

            // The tangents at the first point: east and north.
            var east = Point(0, longitude1 + 90);
            var north = Cross(u, east);
            var bearing = Math.Atan2(Dot(v, east), Dot(v, north)) * 180 / Math.PI;
            var difference = Math.Abs((bearing + 360) % 360 - Geodesy.Bearing(latitude1, longitude1, latitude2, longitude2));
            Assert.InRange(Math.Min(difference, 360 - difference), 0, 1e-6);
        }
    }

    [Fact]
    public void Bearings_stay_below_360_next_to_north() => Assert.InRange(Geodesy.Bearing(0, 0, 1, -1e-300), 0, Math.BitDecrement(360));

    [Theory]
    [InlineData(52.52, 13.405, "525:134")]
    [InlineData(-0.01, -0.01, "-1:-1")]
    [InlineData(0.0, 0.0, "0:0")]
    public void A_point_is_in_the_cell(double latitude, double longitude, string cell) =>
        Assert.Equal([cell, null], Evaluate.Texts("grid(y, x, 10)", Of(Numbers("y", latitude, null), Numbers("x", longitude, 1))));

    static (double X, double Y, double Z) Point(double latitude, double longitude)
    {
        var (phi, lambda) = (latitude * Math.PI / 180, longitude * Math.PI / 180);
        return (Math.Cos(phi) * Math.Cos(lambda), Math.Cos(phi) * Math.Sin(lambda), Math.Sin(phi));
    }

    static (double X, double Y, double Z) Cross((double X, double Y, double Z) u, (double X, double Y, double Z) v) =>
        (u.Y * v.Z - u.Z * v.Y, u.Z * v.X - u.X * v.Z, u.X * v.Y - u.Y * v.X);

    static double Dot((double X, double Y, double Z) u, (double X, double Y, double Z) v) => u.X * v.X + u.Y * v.Y + u.Z * v.Z;

    static double Length((double X, double Y, double Z) u) => Math.Sqrt(Dot(u, u));
}
