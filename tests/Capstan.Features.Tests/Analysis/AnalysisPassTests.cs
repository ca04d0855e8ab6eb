using Capstan.Data;

namespace Capstan.Features.Tests;

public sealed class AnalysisPassTests : IDisposable
{
    static readonly string[] Features =
    [
        "z_score(log(trip_distance + 1))", "bucketize(fare_amount, 20)", "vocabulary(vendor_id)", "mean(trip_distance * passenger_count)",
        "quantile(trip_seconds, 0.9)", "target_encode(vendor_id, fare_amount)", "z_score_by(fare_amount, vendor_id)",
    ];

    readonly string _path = Directory.CreateTempSubdirectory("capstan-passes-").FullName;

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public async Task Constants_do_not_depend_on_the_number_of_threads()
    {
        var days = Days(1, 2, 3, 4, 5, 6, 7);
        Assert.Equal((await Fit(days, null, threads: 1)).Hash, (await Fit(days, null, threads: 6)).Hash);
    }

    [Fact]
    public async Task A_new_file_beside_known_ones_is_all_that_is_read_and_the_result_is_that_of_reading_everything()
    {
        var kept = new AnalysisFolder(_path);
        await Fit(Days(1, 2, 3), kept);
        var grown = Days(1, 2, 3, 4);
        var transform = await Fit(grown, kept);
        Assert.Equal([4], grown.Read.Distinct());
        var afresh = await Fit(Days(1, 2, 3, 4), null);
        Assert.Equal((afresh.Hash, afresh.OutOfFold.Hash), (transform.Hash, transform.OutOfFold.Hash));
        Assert.NotEqual(transform.Hash, transform.OutOfFold.Hash);

        // A window that slides: the first day is left out, which needs no reading either.
        var slid = Days(2, 3, 4);
        Assert.Equal((await Fit(Days(2, 3, 4), null)).Hash, (await Fit(slid, kept)).Hash);
        Assert.Empty(slid.Read);
    }

    [Fact]
    public async Task The_first_file_of_all_counts_as_known_when_a_second_one_comes()
    {
        var kept = new AnalysisFolder(_path);
        await Fit(Days(1), kept);
        var grown = Days(1, 2);
        Assert.Equal((await Fit(Days(1, 2), null)).Hash, (await Fit(grown, kept)).Hash);
        Assert.Equal([2], grown.Read.Distinct());
    }

    [Fact]
    public async Task Another_number_of_buckets_over_many_files_reads_no_row()
    {
        var kept = new AnalysisFolder(_path);
        await Fit(Days(1, 2, 3), kept);
        foreach (var buckets in (int[])[10, 50, 200])
        {
            var days = Days(1, 2, 3);
            var graph = new TransformGraph(days.Schema) { ["f"] = ExprParser.Parse($"bucketize(fare_amount, {buckets})") };
            await graph.FitAsync(days, null, kept, null, TestContext.Current.CancellationToken);
            Assert.Empty(days.Read);
        }
    }

    [Fact]
    public async Task A_feature_that_only_some_files_know_reads_the_others_and_only_its_own_columns()
    {
        var kept = new AnalysisFolder(_path);
        await Fit(Days(1, 2), kept);
        var days = Days(1, 2, 3);
        var graph = new TransformGraph(days.Schema)
        {
            ["old"] = ExprParser.Parse("bucketize(fare_amount, 20)"), ["new"] = ExprParser.Parse("z_score(pickup_latitude)"),
        };
        await graph.FitAsync(days, null, kept, null, TestContext.Current.CancellationToken);
        Assert.Equal(["1 pickup_latitude", "2 pickup_latitude", "3 fare_amount", "3 pickup_latitude"], days.Columns.Distinct().Order());
    }

    static async Task<FrozenTransform> Fit(DaysSource days, AnalysisFolder? kept, int threads = 3)
    {
        var graph = new TransformGraph(days.Schema) { Threads = threads };
        foreach (var (text, index) in Features.Select((text, index) => (text, index)))
        {
            graph[$"f{index}"] = ExprParser.Parse(text);
        }

        return await graph.FitAsync(days, null, kept, null, TestContext.Current.CancellationToken);
    }

    static DaysSource Days(params int[] days) => new(days);

    /// <summary>A file of trips for each day, in two parts each; tells which days were read.</summary>
    sealed class DaysSource(int[] days) : IBatchSource
    {
        const int PartRows = 9_000;

        readonly Lock _gate = new();

        public List<int> Read { get; } = [];

        public List<string> Columns { get; } = [];

        public Schema Schema => TripSimulator.Trips;

        public IReadOnlyList<Split> Splits { get; } =
        [
            .. days.SelectMany((day, index) => Enumerable.Range(0, 2).Select(part =>
                new Split(2 * index + part, $"day {day}", PartRows) { Span = $"day {day}" })),
        ];

        public string Fingerprint => $"days {string.Join(' ', days)}";

        public IAsyncEnumerable<ColumnBatch> ReadAsync(Split split, IReadOnlyList<string> columns, CancellationToken cancellationToken)
        {
            var day = days[split.Index / 2];
            lock (_gate)
            {
                Read.Add(day);
                Columns.AddRange(columns.Select(column => $"{day} {column}"));
            }

            var trips = new TripSimulator((ulong)(2 * day + split.Index % 2), PartRows, TripDrift.None);
            return trips.ReadAsync(trips.Splits[0], columns, cancellationToken);
        }
    }
}
