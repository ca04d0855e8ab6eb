namespace Capstan.Data.Tests.Passes;

public sealed class ParallelPassTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Statistics_do_not_depend_on_the_number_of_threads()
    {
        var trips = new Trips();
        string[] columns = ["trip_distance", "vendor_id", "pickup_datetime", "fare_amount"];
        var one = await TableStatistics.OfAsync(trips, columns, 1, null, Cancellation);
        var rows = 0;
        var many = await TableStatistics.OfAsync(trips, columns, 7, count => rows += count, Cancellation);
        Assert.Equal((7 * Trips.PartRows, 7 * Trips.PartRows), (many.RowCount, rows));
        Assert.Equal(one.ToBytes(), many.ToBytes());
    }

    [Fact]
    public async Task A_source_without_splits_has_the_state_of_no_rows()
    {
        var none = await TableStatistics.OfAsync(new TripSimulator(3, 0, TripDrift.None), ["fare_amount"], 2, null, Cancellation);
        Assert.Equal(0, none.RowCount);
    }

    [Fact]
    public void Consecutive_splits_of_a_file_are_one_span()
    {
        var source = new Named(["a", "a", "b", null, null, "a"]);
        Assert.Equal(
            ["a 0 1", "b 2", " 3 4", "a 5"],
            SourceSpan.Of(source).Select(span => $"{span.Fingerprint} {string.Join(' ', span.Splits.Select(split => split.Index))}"));
        Assert.Equal("all", SourceSpan.FingerprintOf(source));
        Assert.Equal("a", SourceSpan.FingerprintOf(new Named(["a", "a"])));
        Assert.Equal("all", SourceSpan.FingerprintOf(new Named([null])));
    }

    [Fact]
    public void A_subset_by_place_names_its_span_by_where_it_stands()
    {
        var source = new Named(["a", "a", "b"]);
        var byPlace = RowSubset.ByHash(source, null, 1, 0, 500);
        Assert.Equal(2, SourceSpan.Of(byPlace).Length);
        Assert.NotEqual(byPlace.Splits[2].Span, RowSubset.ByHash(new Named(["b"]), null, 1, 0, 500).Splits[0].Span);
        Assert.Equal(
            RowSubset.ByHash(source, "x", 1, 0, 500).Splits[2].Span, RowSubset.ByHash(new Named(["b"]), "x", 1, 0, 500).Splits[0].Span);
        Assert.NotEqual(byPlace.Splits[0].Span, RowSubset.ByHash(source, null, 2, 0, 500).Splits[0].Span);
    }

    /// <summary>Seven parts, enough rows in each for sketches to be halved.</summary>
    sealed class Trips : IBatchSource
    {
        public const int PartRows = 20_000;

        public Schema Schema => TripSimulator.Trips;

        public IReadOnlyList<Split> Splits { get; } = [.. Enumerable.Range(0, 7).Select(index => new Split(index, $"part {index}", PartRows))];

        public string Fingerprint => "trips";

        public IAsyncEnumerable<ColumnBatch> ReadAsync(Split split, IReadOnlyList<string> columns, CancellationToken cancellationToken)
        {
            var trips = new TripSimulator((ulong)split.Index, PartRows, TripDrift.None);
            return trips.ReadAsync(trips.Splits[0], columns, cancellationToken);
        }
    }

    sealed class Named(string?[] spans) : IBatchSource
    {
        public Schema Schema { get; } = new([new("x", DataType.Float64)]);

        public IReadOnlyList<Split> Splits { get; } =
            [.. spans.Select((span, index) => new Split(index, $"part {index}", 1) { Span = span })];

        public string Fingerprint => "all";

        public IAsyncEnumerable<ColumnBatch> ReadAsync(Split split, IReadOnlyList<string> columns, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
