using Capstan.Data;
using Capstan.Data.DuckDb;

namespace Capstan.Tests;

/// <summary>Data schemas on real data: what they find is what is really wrong with it.</summary>
public sealed class DatasetValidationTests
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    sealed record Trip(string Vendor, double? Fare);

    [Fact]
    public async Task Objects_are_described_and_validated_in_a_few_lines()
    {
        var trips = Dataset.From(Enumerable.Range(0, 100).Select(index => new Trip(index % 2 == 0 ? "CMT" : "VTS", index)));
        var schema = DataSchema.Infer(await trips.DescribeAsync(Ct));
        Assert.False((await trips.ValidateAsync(schema, Ct)).HasAnomalies);
        var report = await Dataset.From([new Trip("XYZ", null)]).ValidateAsync(schema, Ct);
        Assert.Equal(["unexpected_values", "low_fraction_present", "low_count_present"], report.Anomalies.Select(anomaly => anomaly.Code));
    }

    static string Month(string month) => SharedData.File($"taxi_yellow_monthly/yellow_tripdata_sample_{month}.csv");

    [Fact]
    public async Task Taxi_rides_of_2020_are_not_those_of_2018()
    {
        var (before, after) = (Dataset.Read(Month("2018-01"), Month("2018-06")), Dataset.Read(Month("2020-01"), Month("2020-04")));
        var statistics = await before.DescribeAsync(Ct);
        var schema = DataSchema.Infer(statistics, "fare_amount");
        Assert.False((await before.ValidateAsync(schema, Ct)).HasAnomalies);
        var report = await after.ValidateAsync(schema, new ValidationOptions { Previous = statistics }, Ct);
        TestContext.Current.TestOutputHelper?.WriteLine(report.ToString());
        var found = report.Anomalies.Select(anomaly => (anomaly.Code, anomaly.Column)).ToHashSet();
        Assert.Contains(("high_fraction_present", "congestion_surcharge"), found);
        Assert.Contains(("low_fraction_present", "payment_type"), found);
        Assert.Contains(("low_fraction_present", "passenger_count"), found);
        Assert.Contains(("jensen_shannon_high", "extra"), found);
        Assert.DoesNotContain(found, each => each.Column is "pickup_datetime" or "trip_distance" && each.Code == "jensen_shannon_high");
    }

    [Fact]
    public async Task Dead_columns_of_the_electricity_market_come_alive()
    {
        var market = SharedData.File("electricity/elec2.csv");
        var (early, late) = (Dataset.Read(market).Where("year(timestamp) == 1996"), Dataset.Read(market).Where("year(timestamp) == 1998"));
        var statistics = await early.DescribeAsync(Ct);
        var report = await late.ValidateAsync(DataSchema.Infer(statistics), new ValidationOptions { Previous = statistics }, Ct);
        TestContext.Current.TestOutputHelper?.WriteLine(report.ToString());
        Assert.Superset(
            new HashSet<string?> { "vicprice", "vicdemand", "transfer" },
            report.Anomalies.Where(anomaly => anomaly.Code == "jensen_shannon_high").Select(anomaly => anomaly.Column).ToHashSet());
    }

    [Fact]
    public async Task Titles_that_are_not_utf8_are_counted()
    {
        var movies = Dataset.Read([SharedData.File("movielens_small/movies.csv")], new ReadOptions { OnBadRow = BadRowPolicy.Skip });
        var schema = DataSchema.Infer(await movies.DescribeAsync(Ct));
        var anomaly = Assert.Single((await movies.ValidateAsync(schema, Ct)).Anomalies);
        Assert.Equal("invalid_utf8", anomaly.Code);
        Assert.StartsWith("98 rows can't be read as UTF-8", anomaly.Found);
    }
}
