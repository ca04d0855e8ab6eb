using System.Globalization;

namespace Capstan.Data;

/// <summary>How simulated trips differ from the usual ones; every strength is 0 when off, and all combine.</summary>
public sealed record TripDrift
{
    public static readonly TripDrift None = new();

    /// <summary>Trips are longer by this share: 0.3 is 30 % more miles on average. −0.5 to 5.</summary>
    public double MeanShift { get; init; }

    /// <summary>The variance of trip_distance grows by this share while its mean stays: 1 doubles it. 0 to 3.</summary>
    public double VarianceGrowth { get; init; }

    /// <summary>The share of trips paid with <c>wallet</c>, a payment type that does not occur otherwise. 0 to 1.</summary>
    public double NewCategory { get; init; }

    /// <summary>The share of values that go missing in each of passenger_count, payment_type and trip_distance. 0 to 1.</summary>
    public double MissingValues { get; init; }

    /// <summary>Reads switches such as <c>mean=0.3</c>, <c>variance=1</c>, <c>category=0.1</c>, <c>missing=0.05</c>.</summary>
    /// <exception cref="ArgumentException">A switch is unknown, or its strength is not a number in its range.</exception>
    public static TripDrift Parse(IEnumerable<string> switches) => switches.Aggregate(None, (drift, text) => drift.With(text));

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"mean={MeanShift:R},variance={VarianceGrowth:R},category={NewCategory:R},missing={MissingValues:R}");

    /// <exception cref="ArgumentException">A strength is out of range.</exception>
    internal void Check()
    {
        Check("mean", MeanShift, -0.5, 5);
        Check("variance", VarianceGrowth, 0, 3);
        Check("category", NewCategory, 0, 1);
        Check("missing", MissingValues, 0, 1);
    }

    TripDrift With(string text)
    {
        var parts = text.Split('=');
        if (parts.Length != 2 || !double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var strength))
        {
            throw new ArgumentException($"The drift '{text}' was given, expected a name and a strength, such as mean=0.3.", nameof(text));
        }

        var drift = parts[0] switch
        {
            "mean" => this with { MeanShift = strength },
            "variance" => this with { VarianceGrowth = strength },
            "category" => this with { NewCategory = strength },
            "missing" => this with { MissingValues = strength },
            _ => throw new ArgumentException(
                $"There is no drift '{parts[0]}'; there are mean, variance, category and missing, such as mean=0.3.", nameof(text)),
        };
        drift.Check();
        return drift;
    }

    static void Check(string name, double strength, double least, double most)
    {
        if (!(strength >= least && strength <= most))
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture, $"The drift {name} has the strength {strength}, expected {least} to {most}."));
        }
    }
}
