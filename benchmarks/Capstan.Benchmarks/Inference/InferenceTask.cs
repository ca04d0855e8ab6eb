using Capstan.Data;
using Capstan.Models;

namespace Capstan.Benchmarks;

/// <summary>Simulated trips as rows of their own, and models of 20 features of them: numbers, buckets, texts, times, crosses.</summary>
static class InferenceTask
{
    public const int RowCount = 256;
    const int TrainingRows = 20_000;

    public static readonly Schema Schema = new(
    [
        new("distance", DataType.Float64), new("seconds", DataType.Float64), new("passengers", DataType.Int64),
        new("latitude", DataType.Float64), new("longitude", DataType.Float64), new("to_latitude", DataType.Float64),
        new("to_longitude", DataType.Float64), new("vendor", DataType.Text), new("payment", DataType.Text), new("zone", DataType.Text),
        new("pickup", DataType.Timestamp), new("late", DataType.Boolean),
    ]);

    static readonly (string Name, string Text)[] Features =
    [
        ("distance", "z_score(distance)"), ("log_distance", "z_score(log(distance + 1))"), ("seconds", "z_score(seconds)"),
        ("speed", "min_max(distance / (seconds + 60))"), ("passengers", "min_max(passengers)"), ("latitude", "z_score(latitude)"),
        ("longitude", "z_score(longitude)"), ("to_latitude", "z_score(to_latitude)"), ("to_longitude", "z_score(to_longitude)"),
        ("blocks", "abs(latitude - to_latitude) + abs(longitude - to_longitude)"), ("minutes", "min_max(hour(pickup) * 60 + minute(pickup))"),
        ("distance_bucket", "bucketize(distance, 16)"), ("seconds_bucket", "bucketize(seconds, 16)"), ("vendor", "vocabulary(vendor)"),
        ("payment", "vocabulary(payment)"), ("zone", "vocabulary(zone)"), ("hour", "bucketize(hour(pickup), [6, 9, 12, 16, 20])"),
        ("weekday", "bucketize(weekday(pickup), [1, 2, 3, 4, 5, 6])"), ("zone_vendor", "cross(zone, vendor, buckets: 1024)"),
        ("payment_vendor", "cross(payment, vendor, buckets: 64)"),
    ];

    public static int FeatureCount => Features.Length;

    /// <summary>A model that was trained by the pipeline that a user would write.</summary>
    public static ModelArtifact Train(EstimatorDefinition estimator) =>
        Train(estimator, Dataset.From(new MemorySource(Schema, [Rows(TrainingRows, 1)]), "trips"));

    public static ModelArtifact Train(EstimatorDefinition estimator, Dataset trips) => new PipelineTraining(
        new Pipeline
        {
            Label = "late",
            Features = Features.ToDictionary(feature => feature.Name, feature => feature.Text),
            Validation = new ValidationDefinition { Share = 0 },
            Estimator = estimator,
        },
        TimeProvider.System, null).RunAsync(trips, default).GetAwaiter().GetResult().Artifact;

    /// <summary>Rows that no model has seen, one by one.</summary>
    /// <param name="columns">What the model reads.</param>
    public static ColumnBatch[] SingleRows(Schema columns)
    {
        var rows = Rows(RowCount, 2);
        return [.. Enumerable.Range(0, RowCount).Select(row =>
        {
            var one = new BatchBuilder(columns);
            one.AppendRows(rows, [row]);
            return one.Batch;
        })];
    }

    public static ColumnBatch Rows(int count, ulong seed)
    {
        var (random, builder) = (new SeededRandom(seed), new BatchBuilder(Schema));
        string[] vendors = ["Acme", "Boro", "City"], payments = ["card", "cash", "app", "none"];
        for (var row = 0; row < count; row++)
        {
            var distance = Math.Exp(random.NextNormal());
            var seconds = distance * 180 * Math.Exp(0.4 * random.NextNormal());
            var (vendor, zone, hour) = (random.NextInt32(3), random.NextInt32(200), random.NextInt32(24));
            builder.Columns[0].Append(distance);
            builder.Columns[1].Append(seconds);
            builder.Columns[2].Append((long)(1 + random.NextInt32(5)));
            for (var place = 3; place < 7; place++)
            {
                builder.Columns[place].Append((place % 2 == 0 ? -74 : 40.7) + 0.05 * random.NextNormal());
            }

            builder.Columns[7].Append(vendors[vendor]);
            builder.Columns[8].Append(payments[random.NextInt32(4)]);
            builder.Columns[9].Append($"zone-{zone}");
            builder.Columns[10].Append(Timestamps.FromDateTime(new DateTime(2024, 1, 1).AddDays(random.NextInt32(300)).AddHours(hour)));
            builder.Columns[11].Append(seconds / (60 + distance) + zone % 7 * 10 + (hour is > 6 and < 10 ? 60 : 0) + 20 * random.NextNormal() > 170);
        }

        return builder.Batch;
    }
}
