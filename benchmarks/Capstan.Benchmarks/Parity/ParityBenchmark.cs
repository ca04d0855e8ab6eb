using System.Globalization;
using Capstan.Data;
using Capstan.Features;
using Capstan.Features.Tests.Sql;

namespace Capstan.Benchmarks;

/// <summary>
/// One expression, four executions, on real data: the features of samples and expressions of every kind over a million rows, by the row reference,
/// the engine, SQL in DuckDB and PostgreSQL, and ONNX Runtime. Nothing is timed; what differs is counted. Ends with an error where more than last places do.
/// </summary>
static class ParityBenchmark
{
    const int MostRows = 1_000_000;

    // A sine next to 0 has few right digits, and a feature of it many steps of difference.
    const long MostSteps = 2;

    static readonly string[] Flights =
    [
        "power(distance, 0.5) + log10(distance)", "round(delay / 7) * sign(delay)", "tanh(delay / 60)", "atan2(delay, distance)", "1 / delay",
        "cycle_sin(hour(date), 24)", "hour(in_zone(date, 'America/New_York'))", "day_of_year(in_zone(date, 'Europe/Berlin'))",
        "seconds_between(date, date('2001-06-30'))", "date < timestamp('2001-03-31T12:00:00')", "haversine(40 + distance / 100, -73, 52.5, 13.4)",
        "hash(concat(origin, '-', destination), 1000)", "length(origin) + contains(destination, 'A')", "starts_with(origin, 'S') or ends_with(origin, 'A')",
        "hash(substring(origin, 1, 1), 40)", "vocabulary(trim(split_part(concat(origin, ', ', destination), ',', 1)), ['LAX', 'ATL', 'ORD'])",
        "hash(text(round(clip(delay, -99, 99))), 500)", "hash(lower(origin), 100)", "exp(delay / 100) % 1 + abs(sin(distance))",
    ];

    static readonly string[] Trips =
    [
        "tip_amount / fare_amount", "log1p(trip_distance) - sqrt(fare_amount)", "seconds_between(pickup_datetime, dropoff_datetime)",
        "weekday(in_zone(pickup_datetime, 'America/New_York'))", "if(is_missing(congestion_surcharge), -1, congestion_surcharge)",
        "bearing(40.7, -73.9, 41.7 + min(trip_distance, 999) / 69, -74)", "cross(store_and_fwd_flag, bucketize(trip_distance, [1, 2, 5]), 50)",
        "cross(vocabulary(payment_type, ['1', '2']), hash(rate_code_id, 20), 100)", "min(tip_amount, 3) * max(tolls_amount, extra) >= 2 and not (mta_tax == 0.5)",
    ];

    public static BenchmarkReport Run() => new("parity", [.. MachineFacts.All(), .. RunAsync().GetAwaiter().GetResult()], []);

    static async Task<List<(string, string)>> RunAsync()
    {
        var flights = Repository.FindBeside(Path.Combine("shared", "data", "flights-3m.parquet"))
            ?? Path.Combine(Repository.Root(), "samples", "flights", "flights.parquet");
        var facts = await CompareAsync("flights", flights, "flights/pipeline.json", Flights);
        if (Repository.FindBeside(Path.Combine("shared", "data", "taxi_yellow_2018_2020H1.parquet")) is { } trips)
        {
            facts.AddRange(await CompareAsync("taxi", trips, "taxi/yellow.json", Trips));
        }

        return facts;
    }

    static async Task<List<(string, string)>> CompareAsync(string name, string path, string sample, string[] expressions)
    {
        var source = await Dataset.Read(path).OpenAsync();
        var transform = await ParityData.TransformAsync(source, sample, expressions);
        var rowCount = 0;
        ParityExecution[] executions =
        [
            new EngineFeatures(transform), new SqlFeatures(transform, SqlDialect.DuckDb, rows => new DuckDbTable(rows)),
            .. PostgreSqlServer.IsInstalled
                ? [new SqlFeatures(transform, SqlDialect.PostgreSql, rows => new PostgreSqlTable(rows))]
                : Array.Empty<ParityExecution>(),
            new OnnxFeatureRun(transform),
        ];
        try
        {
            await foreach (var rows in ParityData.FirstRowsAsync(source, [.. transform.Input.Names], MostRows))
            {
                var expected = ParityData.Reference(transform, rows);
                foreach (var execution in executions)
                {
                    execution.Compare(rows, expected);
                }

                rowCount += rows.RowCount;
            }
        }
        finally
        {
            foreach (var execution in executions.OfType<IDisposable>())
            {
                execution.Dispose();
            }
        }

        foreach (var execution in executions.Where(execution => execution.Counts.MostSteps > MostSteps))
        {
            throw new InvalidOperationException($"{name}, {execution.Name}: {execution.Counts}");
        }

        return
        [
            (name, string.Create(CultureInfo.InvariantCulture, $"{rowCount:N0} rows × {transform.Features.Length} features of {Path.GetFileName(path)}")),
            .. executions.Select(execution => ($"  {execution.Name}", execution.ToString())),
        ];
    }
}
