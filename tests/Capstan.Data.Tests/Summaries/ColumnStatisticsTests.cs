namespace Capstan.Data.Tests.Summaries;

public sealed class ColumnStatisticsTests
{
    public static TheoryData<DataType> Types => [.. Enum.GetValues<DataType>()];

    public static TheoryData<DataType, int> TypesAndSeeds =>
        [.. Enum.GetValues<DataType>().SelectMany(type => Enumerable.Range(1, 8).Select(seed => (type, seed)))];

    [Fact]
    public void Numbers_are_counted_measured_and_ranked()
    {
        var statistics = Of(DataType.Float64, [1.0, null, 0.0, 5.0, null]);
        Assert.Equal((5, 2, 3, 1), (statistics.Count, statistics.MissingCount, statistics.PresentCount, statistics.ZeroCount));
        Assert.Equal((2.0, 0.0, 5.0), (statistics.Numbers!.Mean, statistics.Numbers.Min, statistics.Numbers.Max));
        Assert.Equal((1.0, null), (statistics.Quantiles!.Quantile(0.5), statistics.Values));
        Assert.Equal(2, Of(DataType.Float64, [0.0, -0.0, 1.0, null]).Distinct!.Value);
    }

    [Fact]
    public void Integers_count_as_numbers()
    {
        var statistics = Of(DataType.Int64, [4L, null, 0L, -1L]);
        Assert.Equal((3, 1, 1.0), (statistics.Numbers!.Count, statistics.ZeroCount, statistics.Numbers.Mean));
        Assert.Equal(-1.0, statistics.Quantiles!.Min);
        Assert.Equal(2, Of(DataType.Int64, [long.MaxValue, long.MaxValue - 1, null]).Distinct!.Value);
    }

    [Fact]
    public void Text_has_values_distinct_counts_and_byte_lengths()
    {
        var statistics = Of(DataType.Text, ["ä", null, "", "ä", "abcd"]);
        var top = statistics.Values!.Ordered()[0];
        Assert.Equal(("ä", 2, 3), (top.Text, top.Count, statistics.Distinct!.Value));
        Assert.Equal((2.0, 4.0, 0.0), (statistics.Lengths!.Mean, statistics.Lengths.Max, statistics.Lengths.Min));
    }

    [Fact]
    public void Booleans_count_the_true_and_timestamps_their_ends()
    {
        Assert.Equal(2, Of(DataType.Boolean, [true, false, null, true]).TrueCount);
        var times = Of(DataType.Timestamp, [30L, null, -5L]);
        Assert.Equal((-5L, 30L), (times.Earliest, times.Latest));
        Assert.Equal((2, 30.0), (times.Quantiles!.Count, times.Quantiles.Max));
    }

    [Theory, MemberData(nameof(Types))]
    public void An_empty_column_and_one_without_any_value_have_statistics(DataType type)
    {
        foreach (var rows in new[] { 0, 130 })
        {
            var statistics = Of(type, new object?[rows]);
            Assert.Equal((rows, rows), (statistics.Count, statistics.MissingCount));
            Assert.Equal((null, null), (statistics.Earliest, statistics.Latest));
            Assert.Equal(statistics.ToBytes(), StoredState.FromBytes<ColumnStatistics>(statistics.ToBytes()).ToBytes());
        }
    }

    [Theory, MemberData(nameof(TypesAndSeeds))]
    public void Merging_any_split_equals_one_pass_where_counts_are_exact(DataType type, int seed)
    {
        var random = new Random(seed);
        var values = Enumerable.Range(0, random.Next(500)).Select(_ => RandomValue(type, random)).ToArray();
        var cut = random.Next(values.Length + 1);
        var (whole, left, right) = (Of(type, values), Of(type, values[..cut]), Of(type, values[cut..]));
        Assert.Equal(whole.ToBytes(), left.Merge(right).ToBytes());
        Assert.Equal(whole.ToBytes(), right.Merge(left).ToBytes());
        Assert.Equal(left.ToBytes(), left.Merge(new ColumnStatistics(type)).ToBytes());
        Assert.Equal(whole.ToBytes(), StoredState.FromBytes<ColumnStatistics>(whole.ToBytes()).ToBytes());
    }

    [Fact]
    public void A_copy_with_fewer_values_lives_its_own_life()
    {
        var statistics = Of(DataType.Text, ["a", "a", "b"]);
        var kept = statistics.KeepValues(1);
        statistics.Observe(Columns.Of(DataType.Text, ["c", "d"]));
        Assert.Equal((3, 1, 2, 3), (kept.Count, kept.Values!.Kept, kept.Distinct!.Value, kept.Lengths!.Count));
    }

    [Fact]
    public void Observing_numbers_allocates_nothing_once_the_sketch_has_its_size()
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 8192).Select(_ => random.Next(9) == 0 ? null : (object)random.NextDouble());
        var column = Columns.Of(DataType.Float64, values);
        var statistics = new ColumnStatistics(DataType.Float64);
        for (var batch = 0; batch < 300; batch++)
        {
            statistics.Observe(column);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var batch = 0; batch < 20; batch++)
        {
            statistics.Observe(column);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void Another_type_is_refused()
    {
        var statistics = new ColumnStatistics(DataType.Text);
        var refusal = Assert.Throws<ArgumentException>(() => statistics.Observe(Columns.Of(DataType.Boolean, [true])));
        Assert.Contains("Boolean", refusal.Message);
        Assert.Throws<ArgumentException>(() => statistics.Merge(new ColumnStatistics(DataType.Int64)));
    }

    // Small integers: their moments are exact in every order of addition.
    static object? RandomValue(DataType type, Random random) => random.Next(6) == 0 ? null : type switch
    {
        DataType.Float64 => random.Next(4) * 0.0,
        DataType.Int64 => random.Next(4) * 0L,
        DataType.Timestamp => random.NextInt64(),
        DataType.Boolean => random.Next(2) == 0,
        _ => "ab"[..random.Next(1, 2)],
    };

    static ColumnStatistics Of(DataType type, object?[] values)
    {
        var statistics = new ColumnStatistics(type);
        statistics.Observe(Columns.Of(type, values));
        return statistics;
    }
}
