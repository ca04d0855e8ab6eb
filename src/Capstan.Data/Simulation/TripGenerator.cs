using System.Runtime.CompilerServices;

namespace Capstan.Data;

/// <summary>
/// Makes the trip of any row from the seed and the row's number alone, in any order, with the same bits on every machine: it
/// hashes (seed, row, draw) instead of stepping a generator, and uses nothing but + − × ÷ and table look-ups.
/// </summary>
/// <remarks>Source: SplitMix64 (Steele, Lea, Flood 2014) read as a function of its counter.</remarks>
sealed class TripGenerator
{
    const ulong Golden = 0x9E37_79B9_7F4A_7C15;
    const double Root3 = 1.7320508075688772;

    // A sum of four uniform numbers has kurtosis 2.7, so its square has variance 1.7.
    const double RootOfSquaresVariance = 1.3038404810405297;

    // Var(d) / E(d²) of the undrifted trip_distance; a test measures what comes of it.
    const double SpreadOfDistance = 0.4208;

    readonly ulong _seed;
    readonly double _stretch;
    readonly double _growth;
    readonly uint _newPaymentBelow;
    readonly uint _missingBelow;

    public TripGenerator(ulong seed, TripDrift drift)
    {
        _seed = ValueHash.Mix(seed);
        _stretch = 1 + drift.MeanShift;
        _growth = Math.Sqrt(drift.VarianceGrowth * SpreadOfDistance) / RootOfSquaresVariance;
        _newPaymentBelow = (uint)(drift.NewCategory * 65536);
        _missingBelow = (uint)(drift.MissingValues * 65536);
    }

    public Trip At(long row)
    {
        var key = ValueHash.Mix(_seed + (ulong)row * Golden);
        var when = Draw(key, 0);
        var hourOfWeek = (int)TripCity.HoursInDemand[when & 4095];
        var hour = hourOfWeek % 24;
        var choices = Draw(key, 1);
        var from = TripCity.PickupSpots[hourOfWeek][choices & 255];
        var to = TripCity.DropoffSpots[hourOfWeek][choices >> 8 & 255];
        ref var start = ref TripCity.Spots[from];
        ref var end = ref TripCity.Spots[to];

        var (longitude, latitude) = (start.Longitude + start.Spread * Normal(key, 2), start.Latitude + start.Spread * Normal(key, 3));
        var (east, north) = (end.Longitude + end.Spread * Normal(key, 4) - longitude, end.Latitude + end.Spread * Normal(key, 5) - latitude);
        var scatter = Normal(key, 6);
        var stretch = _stretch * (1 + _growth * (scatter * scatter - 1));
        (east, north) = (east * stretch, north * stretch);

        // Streets follow the compass most of the way.
        var miles = 0.85 * (Math.Abs(east) * TripCity.MilesPerLongitude + Math.Abs(north) * TripCity.MilesPerLatitude);
        miles = Math.Max(0.1, miles * (1 + 0.06 * Normal(key, 7)));
        var seconds = Math.Max(30, (45 + miles / TripCity.Speeds[hourOfWeek] * 3600) * (1 + 0.15 * Normal(key, 8)));
        var distance = (int)(miles * 100 + 0.5);
        var fare = TripCity.BaseFare + TripCity.FarePerMile * distance / 100 + TripCity.FarePerMinute * (int)seconds / 60
            + TripCity.Surcharges[hourOfWeek] + (start.IsAirport || end.IsAirport ? TripCity.AirportSurcharge : 0);
        fare *= 1 + 0.03 * Normal(key, 9);

        var missing = Draw(key, 10);
        return new Trip
        {
            Day = hourOfWeek / 24 + 7 * (int)((when >> 12 & 0xFFFF) * TripCity.Weeks >> 16),
            Second = hour * 3600 + (int)((when >> 28 & 0xFFFF_FFFF) * 3600 >> 32),
            PickupLongitude = Millionths(longitude),
            PickupLatitude = Millionths(latitude),
            DropoffLongitude = Millionths(longitude + east),
            DropoffLatitude = Millionths(latitude + north),
            Passengers = PassengersOf((uint)(choices >> 16 & 0xFFFF)),
            Payment = PaymentOf((uint)(choices >> 32 & 0xFFFF), (uint)(missing >> 48), distance),
            Vendor = (choices >> 48) switch { < 29_500 => 0, < 59_000 => 1, _ => 2 },
            Distance = distance,
            Seconds = (int)seconds,
            FareCents = (int)(fare * 100 + 0.5),
            HasPassengers = (missing & 0xFFFF) >= 655 + _missingBelow,
            HasPayment = (missing >> 16 & 0xFFFF) >= 328 + _missingBelow,
            HasDistance = (missing >> 32 & 0xFFFF) >= 131 + _missingBelow,
        };
    }

    static int PassengersOf(uint draw) => draw switch { < 46_000 => 1, < 55_800 => 2, < 58_900 => 3, < 60_600 => 4, < 63_500 => 5, _ => 6 };

    /// <summary>Longer trips are paid by card more often.</summary>
    int PaymentOf(uint draw, uint newDraw, int distance)
    {
        if (newDraw < _newPaymentBelow)
        {
            return TripCity.NewPayment;
        }

        var cards = distance > 300 ? 48_500u : 41_000u;
        return draw < cards ? 0 : draw < 64_400 ? 1 : draw < 65_150 ? 2 : 3;
    }

    static int Millionths(double degrees) => (int)(degrees * 1e6 + (degrees < 0 ? -0.5 : 0.5));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Draw(ulong key, ulong number) => ValueHash.Mix(key + number * Golden);

    /// <summary>Mean 0, variance 1, within ±2√3, and nearly normal: the sum of four uniform numbers of 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static double Normal(ulong key, ulong number)
    {
        var draw = Draw(key, number);
        var sum = (draw & 0xFFFF) + (draw >> 16 & 0xFFFF) + (draw >> 32 & 0xFFFF) + (draw >> 48);
        return ((double)sum - 131_070) * (Root3 / 65_535);
    }
}
