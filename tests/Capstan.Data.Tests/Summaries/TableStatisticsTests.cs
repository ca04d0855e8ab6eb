namespace Capstan.Data.Tests.Summaries;

public sealed class TableStatisticsTests
{
    static readonly Schema Trips = new(
        [new("fare", DataType.Float64), new("vendor", DataType.Text), new("at", DataType.Timestamp)]);

    [Fact]
    public void All_columns_are_observed_in_one_pass()
    {
        var statistics = Of([(2.5, "x", 1L), (null, "y", 2L), (3.5, "x", 3L)]);
        Assert.Equal((3L, 3.0), (statistics.RowCount, statistics["fare"].Numbers!.Mean));
        Assert.Equal((2L, 3L), (statistics["vendor"].Distinct!.Value, statistics["at"].Latest));
        Assert.Throws<UnknownColumnException>(() => statistics["fair"]);
    }

    [Fact]
    public void Parts_merge_and_bytes_return()
    {
        var (left, right) = (Of([(1, "a", 5L)]), Of([(null, null, null), (3, "b", 4L)]));
        var whole = Of([(1, "a", 5L), (null, null, null), (3, "b", 4L)]);
        Assert.Equal(whole.ToBytes(), left.Merge(right).ToBytes());
        var read = StoredState.FromBytes<TableStatistics>(whole.ToBytes());
        Assert.Equal((Trips, 3L), (read.Schema, read.RowCount));
        Assert.Equal(whole.ToBytes(), read.ToBytes());
        Assert.Equal(1, whole.KeepValues(1)["vendor"].Values!.Kept);
    }

    [Fact]
    public void A_table_without_rows_or_without_columns_can_be_stored()
    {
        foreach (var schema in new[] { Trips, new Schema([]) })
        {
            var statistics = new TableStatistics(schema);
            Assert.Equal(statistics.ToBytes(), StoredState.FromBytes<TableStatistics>(statistics.ToBytes()).ToBytes());
        }
    }

    [Fact]
    public void Another_schema_is_refused()
    {
        var other = new Schema([new("fare", DataType.Int64)]);
        Assert.Throws<ArgumentException>(() => Of([]).Merge(new TableStatistics(other)));
        Assert.Throws<ArgumentException>(() => Of([]).Observe(new BatchBuilder(other).Batch));
    }

    internal static TableStatistics Of((double? Fare, string? Vendor, long? At)[] rows)
    {
        var builder = new BatchBuilder(Trips);
        foreach (var row in rows)
        {
            Columns.Append(builder.Columns[0], row.Fare);
            Columns.Append(builder.Columns[1], row.Vendor);
            Columns.Append(builder.Columns[2], row.At);
        }

        var statistics = new TableStatistics(Trips);
        statistics.Observe(builder.Batch);
        return statistics;
    }
}
