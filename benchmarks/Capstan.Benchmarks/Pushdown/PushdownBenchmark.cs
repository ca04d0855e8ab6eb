using System.Diagnostics;
using System.Globalization;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Benchmarks;

/// <summary>
/// Analyses found where the rows are and by a pass here, over a million real rows in PostgreSQL and in Parquet files, constant by constant: what is picked or
/// counted must be equal, what is added up equal but for rounding, and what is sketched here within the sketch's bound of what is exact there. Nothing
/// is raced; seconds tell an order of magnitude. Ends with an error where a constant is further off.
/// </summary>
static class PushdownBenchmark
{
    const int LeastRows = 1_000_000;

    static readonly PushdownSubject[] Taxi =
    [
        .. PushdownSubject.Exactly(
            "minimum(fare_amount)", "maximum(trip_distance)", "range(tip_amount)", "vocabulary(payment_type)", "vocabulary(pickup_location_id, max_size: 100)",
            "vocabulary(store_and_fwd_flag, min_count: 1000)", "vocabulary(file_month)", "count_by(vendor_id)", "count_by(pickup_location_id)",
            "minimum_by(trip_distance, rate_code_id)", "maximum_by(fare_amount, pickup_location_id)", "vocabulary(dropoff_location_id, max_size: 50, label: tip_amount > 2)"),
        .. PushdownSubject.Summed(
            "mean(fare_amount)", "stddev(fare_amount)", "mean(log1p(max(trip_distance, 0)))", "stddev(tip_amount / fare_amount)", "mean_by(fare_amount, payment_type)",
            "stddev_by(trip_distance, pickup_location_id)", "pca(trip_distance, fare_amount, tolls_amount, component: 0)", "mean(abs(fare_amount - mean(fare_amount)))"),
        .. PushdownSubject.Sketched(
            0.001, "quantile(fare_amount, 0.001)", "median(trip_distance)", "quantile(total_amount, 0.999)", "bucketize(trip_distance, 10)", "bucketize(fare_amount, 100)",
            "bucketize(tip_amount / fare_amount, 32)", "bucketize(trip_distance, buckets: 10, weight: passenger_count)"),
        .. PushdownSubject.Sketched(0.01, "bucketize_by(fare_amount, payment_type, 4)"),
        .. PushdownSubject.Sketched(0.001, "gaussianize(trip_distance)"),
    ];

    static readonly PushdownSubject[] Flights =
    [
        .. PushdownSubject.Exactly(
            "minimum(delay)", "maximum(distance)", "range(delay)", "vocabulary(origin)", "vocabulary(destination, max_size: 100)", "vocabulary(distance, max_size: 200)",
            "vocabulary(concat(origin, '-', destination), max_size: 3000)", "count_by(origin)", "maximum_by(delay, origin)",
            "vocabulary(concat(origin, '-', destination), max_size: 500, label: delay > 15)"),
        .. PushdownSubject.Summed("mean(delay)", "stddev(distance)", "mean_by(delay, origin)", "stddev_by(delay, destination)", "mean(hour(date))"),
        .. PushdownSubject.Sketched(0.001, "median(delay)", "bucketize(delay, 20)", "bucketize(distance, 50)", "quantile(delay, share: 0.9, weight: distance)", "gaussianize(delay)"),
        .. PushdownSubject.Sketched(0.01, "bucketize_by(delay, origin, 4)"),
    ];

    public static BenchmarkReport Run() => new("pushdown", [.. MachineFacts.All(), .. RunAsync().GetAwaiter().GetResult()], []);

    static async Task<List<(string, string)>> RunAsync()
    {
        var flights = Repository.FindBeside(Path.Combine("shared", "data", "flights-3m.parquet")) ?? Path.Combine(Repository.Root(), "samples", "flights", "flights.parquet");
        var facts = await OfFileAsync("flights", flights, Flights);
        if (Repository.FindBeside(Path.Combine("shared", "data", "taxi_yellow_2018_2020H1.parquet")) is { } taxi)
        {
            facts.AddRange(await OfFileAsync("taxi", taxi, Taxi));
        }

        return facts;
    }

    static async Task<List<(string, string)>> OfFileAsync(string name, string path, PushdownSubject[] subjects)
    {
        var rows = (await Dataset.Read(path).OpenAsync()).RowCount() ?? throw new UnreachableException("Parquet files know their rows.");
        // Real rows, as often as makes a million.
        var files = Dataset.Read([.. Enumerable.Repeat(path, (int)((LeastRows + rows - 1) / rows))]);
        var facts = await CompareAsync($"{name}, DuckDB", files, subjects);
        if (PostgreSqlServer.IsInstalled)
        {
            var table = $"{PostgreSqlServer.Shared.Url}&table={name}";
            await files.SaveAsync(table);
            facts.AddRange(await CompareAsync($"{name}, PostgreSQL", Dataset.Read(table), subjects));
        }

        return facts;
    }

    static async Task<List<(string, string)>> CompareAsync(string name, Dataset data, PushdownSubject[] subjects)
    {
        var source = await data.OpenAsync();
        var graph = new TransformGraph(source.Schema);
        foreach (var subject in subjects)
        {
            graph[subject.Text] = subject.Expr;
        }

        var rows = new DatabaseRows(source);
        var count = await rows.CountAsync(CancellationToken.None);
        var clock = Stopwatch.StartNew();
        var here = await graph.FitAsync(source, null, null, null, CancellationToken.None);
        var secondsHere = clock.Elapsed.TotalSeconds;
        clock.Restart();
        var there = await rows.FitAsync(graph, 2, CancellationToken.None);
        var secondsThere = clock.Elapsed.TotalSeconds;
        var facts = new List<(string, string)>
        {
            (name, string.Create(
                CultureInfo.InvariantCulture,
                $"{count:N0} rows, {there.Analyses} analyses in {there.Queries} queries; a pass {secondsHere:0.0} s, the database {secondsThere:0.0} s")),
        };
        foreach (var (subject, (mine, theirs)) in subjects.Zip(here.Features.Zip(there.Transform.Features)))
        {
            facts.Add(($"  {subject.Text}", await subject.CompareAsync(mine.Expr, theirs.Expr, source)));
        }

        return facts;
    }
}
