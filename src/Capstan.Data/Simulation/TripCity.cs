namespace Capstan.Data;

/// <summary>
/// The simulated city: where and when people ride, how fast traffic is, and what the meter says. The constants are
/// invented; they are roughly those of a large American city, so that models meet the usual shapes.
/// </summary>
static class TripCity
{
    /// <summary>Trips fall into the 52 weeks from Monday, 1 January 2024.</summary>
    public const int Weeks = 52;

    public const double MilesPerLongitude = 52.3;
    public const double MilesPerLatitude = 69.0;

    public const double BaseFare = 3.00;
    public const double FarePerMile = 1.90;
    public const double FarePerMinute = 0.45;
    public const double NightSurcharge = 1.00;
    public const double RushSurcharge = 2.50;
    public const double AirportSurcharge = 5.00;

    /// <summary>The payment type that only <see cref="TripDrift.NewCategory"/> brings.</summary>
    public const int NewPayment = 4;

    public static readonly long FirstDay = Timestamps.FromDateTime(new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Unspecified));

    public static readonly byte[][] Payments = ["card"u8.ToArray(), "cash"u8.ToArray(), "no charge"u8.ToArray(), "dispute"u8.ToArray(), "wallet"u8.ToArray()];

    public static readonly byte[][] Vendors = ["CMT"u8.ToArray(), "VTS"u8.ToArray(), "DDS"u8.ToArray()];

    /// <summary>Hot spots: where, how widely trips scatter around it (degrees), whether a flat airport charge applies.</summary>
    public static readonly (double Longitude, double Latitude, double Spread, bool IsAirport)[] Spots =
    [
        (-73.985, 40.757, 0.010, false), // theatres and offices
        (-74.009, 40.709, 0.006, false), // finance
        (-73.993, 40.735, 0.009, false), // bars and studios
        (-73.962, 40.775, 0.010, false), // homes, east
        (-73.978, 40.786, 0.008, false), // homes, west
        (-73.955, 40.712, 0.014, false), // across the river
        (-73.874, 40.774, 0.003, true), // near airport
        (-73.782, 40.645, 0.004, true), // far airport
        (-73.940, 40.750, 0.060, false), // everywhere else
    ];

    // Of 256 trips that start in the morning, by day, in the evening or at night, so many do so at each spot.
    static readonly byte[][] PickupShares =
    [
        [38, 14, 20, 60, 54, 24, 14, 8, 24],
        [82, 36, 34, 30, 24, 8, 16, 10, 16],
        [76, 24, 62, 26, 22, 16, 12, 8, 10],
        [44, 8, 92, 14, 14, 54, 4, 6, 20],
    ];

    static readonly byte[][] DropoffShares =
    [
        [92, 54, 34, 18, 14, 8, 14, 10, 12],
        [70, 28, 38, 40, 30, 14, 12, 8, 16],
        [46, 10, 66, 50, 38, 20, 8, 4, 14],
        [24, 8, 44, 52, 44, 46, 4, 4, 30],
    ];

    static readonly double[] WeekdayDemand = [18, 11, 7, 5, 5, 9, 22, 39, 48, 47, 43, 43, 46, 46, 47, 45, 41, 49, 59, 61, 57, 55, 49, 35];

    static readonly double[] WeekendDemand = [46, 40, 33, 25, 16, 8, 9, 13, 21, 30, 38, 42, 45, 45, 45, 44, 43, 45, 50, 51, 49, 48, 50, 49];

    static readonly double[] WeekdaySpeed = [19, 20, 21, 22, 23, 21, 17, 13, 11.5, 11.5, 11.5, 11, 11, 11, 10.8, 10.6, 11, 11, 11.2, 12, 13, 14, 15, 17];

    /// <summary>[4096] hours of the week, each as often as it is in demand: Monday 0:00 is 0.</summary>
    public static readonly byte[] HoursInDemand = Spread(4096, [.. Enumerable.Range(0, 168).Select(hour =>
        IsWeekend(hour) ? WeekendDemand[hour % 24] : WeekdayDemand[hour % 24])]);

    /// <summary>[168] miles per hour by hour of the week; weekends are quicker.</summary>
    public static readonly double[] Speeds = [.. Enumerable.Range(0, 168).Select(hour =>
        IsWeekend(hour) ? 0.5 * (WeekdaySpeed[hour % 24] + 18) : WeekdaySpeed[hour % 24])];

    /// <summary>[168] surcharges by hour of the week.</summary>
    public static readonly double[] Surcharges = [.. Enumerable.Range(0, 168).Select(hour =>
        hour % 24 is >= 20 or < 6 ? NightSurcharge : !IsWeekend(hour) && hour % 24 >= 16 ? RushSurcharge : 0)];

    /// <summary>[168][256] spots, each as often as trips start or end there at that hour of the week.</summary>
    public static readonly byte[][] PickupSpots = [.. Enumerable.Range(0, 168).Select(hour => Expand(PickupShares[PartOf(hour)]))];
    public static readonly byte[][] DropoffSpots = [.. Enumerable.Range(0, 168).Select(hour => Expand(DropoffShares[PartOf(hour)]))];

    static bool IsWeekend(int hour) => hour / 24 >= 5;

    /// <summary>Morning, day, evening or night; weekends have no working morning.</summary>
    static int PartOf(int hour) => (hour % 24) switch
    {
        >= 6 and < 10 => IsWeekend(hour) ? 1 : 0,
        >= 10 and < 17 => 1,
        >= 17 and < 22 => 2,
        _ => 3,
    };

    static byte[] Expand(byte[] shares) =>
        [.. shares.SelectMany((share, spot) => Enumerable.Repeat((byte)spot, share))];

    static byte[] Spread(int size, double[] weights)
    {
        var table = new byte[size];
        var (total, sum, start) = (weights.Sum(), 0.0, 0);
        for (var index = 0; index < weights.Length; index++)
        {
            sum += weights[index];
            var end = (int)(size * sum / total + 0.5);
            table.AsSpan(start, end - start).Fill((byte)index);
            start = end;
        }

        return table;
    }
}
