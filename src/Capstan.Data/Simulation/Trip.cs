namespace Capstan.Data;

/// <summary>One simulated trip in whole units, so that its text and its numbers say exactly the same.</summary>
struct Trip
{
    /// <summary>Whole days since <see cref="TripCity.FirstDay"/>, and the second of the day.</summary>
    public int Day, Second;

    /// <summary>Millionths of a degree.</summary>
    public int PickupLongitude, PickupLatitude, DropoffLongitude, DropoffLatitude;

    /// <summary>1 to 6.</summary>
    public int Passengers;

    /// <summary>Positions in <see cref="TripCity.Payments"/> and <see cref="TripCity.Vendors"/>.</summary>
    public int Payment, Vendor;

    /// <summary>Hundredths of a mile.</summary>
    public int Distance;

    public int Seconds;

    public int FareCents;

    public bool HasPassengers, HasPayment, HasDistance;

    public readonly long PickupMicroseconds => TripCity.FirstDay + Day * Timestamps.MicrosecondsPerDay + Second * Timestamps.MicrosecondsPerSecond;
}
