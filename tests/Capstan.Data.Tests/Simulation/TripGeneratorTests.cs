namespace Capstan.Data.Tests.Simulation;

public sealed class TripGeneratorTests
{
    const int Rows = 200_000;

    static readonly Trip[] Usual = Make(TripDrift.None);

    [Fact]
    public void Trips_look_like_a_city()
    {
        Assert.DoesNotContain(Usual, trip => trip is not
        {
            Distance: >= 10, Seconds: >= 30, FareCents: > 250, Passengers: >= 1 and <= 6, Day: >= 0 and < 364, Second: >= 0 and < 86_400,
        });
        var evenings = Usual.Count(trip => trip.Second / 3600 is >= 18 and < 20) / (double)Rows;
        var smallHours = Usual.Count(trip => trip.Second / 3600 is >= 3 and < 5) / (double)Rows;
        Assert.True(evenings > 4 * smallHours, $"evening {evenings:P1}, small hours {smallHours:P1}");
        Assert.InRange(Usual.Count(trip => !trip.HasPassengers) / (double)Rows, 0.008, 0.012);
        Assert.Equal(364, Usual.Select(trip => trip.Day).Distinct().Count());
    }

    [Fact]
    public void The_fare_is_the_tariff_with_a_little_noise()
    {
        Assert.DoesNotContain(Usual, trip =>
        {
            var metered = TripCity.BaseFare + TripCity.FarePerMile * trip.Distance / 100 + TripCity.FarePerMinute * trip.Seconds / 60;
            var fare = trip.FareCents / 100.0;
            return fare < metered * 0.89 - 0.01 || fare > (metered + TripCity.RushSurcharge + TripCity.AirportSurcharge) * 1.11 + 0.01;
        });
    }

    [Theory]
    [InlineData(-0.3)]
    [InlineData(0.25)]
    [InlineData(1)]
    public void A_mean_shift_moves_the_mean_distance_by_its_share(double shift)
    {
        var (usual, shifted) = (Distances(Usual), Distances(Make(new TripDrift { MeanShift = shift })));
        Assert.Equal(1 + shift, shifted.Mean / usual.Mean, 0.01);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(3)]
    public void Variance_growth_leaves_the_mean(double growth)
    {
        var (usual, grown) = (Distances(Usual), Distances(Make(new TripDrift { VarianceGrowth = growth })));
        Assert.Equal(1, grown.Mean / usual.Mean, 0.01);
        Assert.Equal(1 + growth, grown.Variance / usual.Variance, 0.05 * (1 + growth));
    }

    [Fact]
    public void A_new_category_and_missing_values_come_in_their_shares()
    {
        Assert.DoesNotContain(Usual, trip => trip.Payment == TripCity.NewPayment);
        var drifted = Make(new TripDrift { NewCategory = 0.2, MissingValues = 0.1, MeanShift = 0.5 });
        Assert.Equal(0.2, drifted.Count(trip => trip.Payment == TripCity.NewPayment) / (double)Rows, 0.005);
        Assert.Equal(0.102, drifted.Count(trip => !trip.HasDistance) / (double)Rows, 0.005);
        Assert.Equal(0.105, drifted.Count(trip => !trip.HasPayment) / (double)Rows, 0.005);
        Assert.Equal(0.110, drifted.Count(trip => !trip.HasPassengers) / (double)Rows, 0.005);
        Assert.Equal(1.5, Distances(drifted).Mean / Distances(Usual).Mean, 0.02);
        Assert.All(Make(new TripDrift { NewCategory = 1, MissingValues = 1 }).Take(1000), trip =>
            Assert.Equal((TripCity.NewPayment, false, false), (trip.Payment, trip.HasDistance, trip.HasPayment)));
    }

    [Fact]
    public void Draws_of_one_row_and_of_neighbouring_rows_do_not_correlate()
    {
        Assert.Equal(0, Correlation(Usual.Select(trip => (double)trip.Vendor), Usual.Select(trip => (double)trip.Passengers)), 0.01);
        Assert.Equal(0, Correlation(Usual.Select(trip => (double)trip.Distance), Usual.Skip(1).Select(trip => (double)trip.Distance)), 0.01);
        Assert.Equal(0, Correlation(Usual.Select(trip => (double)trip.Distance), Make(TripDrift.None, seed: 2).Select(trip => (double)trip.Distance)), 0.01);
    }

    static Moments Distances(Trip[] trips) => Moments.Of([.. trips.Where(trip => trip.HasDistance).Select(trip => trip.Distance / 100.0)]);

    static Trip[] Make(TripDrift drift, ulong seed = 1)
    {
        var trips = new TripGenerator(seed, drift);
        return [.. Enumerable.Range(0, Rows).Select(row => trips.At(row))];
    }

    static double Correlation(IEnumerable<double> left, IEnumerable<double> right)
    {
        var pairs = left.Zip(right).ToArray();
        var (x, y) = (Moments.Of([.. pairs.Select(pair => pair.First)]), Moments.Of([.. pairs.Select(pair => pair.Second)]));
        return pairs.Average(pair => (pair.First - x.Mean) * (pair.Second - y.Mean)) / x.StandardDeviation / y.StandardDeviation;
    }
}
