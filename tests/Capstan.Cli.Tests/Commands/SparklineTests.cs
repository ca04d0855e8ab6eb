using Capstan.Data;

namespace Capstan.Cli.Tests.Commands;

public sealed class SparklineTests
{
    static ColumnStatistics Column(DataType type, params double[] values)
    {
        var builder = new BatchBuilder(new Schema([new Field("x", type)]));
        foreach (var value in values)
        {
            if (type == DataType.Float64)
            {
                builder.Columns[0].Append(value);
            }
            else
            {
                builder.Columns[0].Append((long)value);
            }
        }

        var statistics = new ColumnStatistics(type);
        statistics.Observe(builder.Batch.Columns[0]);
        return statistics;
    }

    [Fact]
    public void The_fullest_bin_is_full_an_empty_one_is_empty_and_any_other_is_seen() =>
        Assert.Equal("█▄ ▁", Sparkline.Of(Column(DataType.Int64, [.. Enumerable.Repeat(1.0, 100), .. Enumerable.Repeat(2.0, 50), 4])));

    [Fact]
    public void Two_columns_share_their_bins()
    {
        Assert.Equal("█   → ▁ █", Sparkline.Of(Column(DataType.Int64, 1, 1), Column(DataType.Int64, [1, .. Enumerable.Repeat(3.0, 20)])));
        Assert.Equal("", Sparkline.Of(Column(DataType.Int64, 1), Column(DataType.Timestamp, 1)));
        Assert.Equal("", Sparkline.Of(Column(DataType.Int64, 1), Column(DataType.Int64)));
    }

    [Fact]
    public void Columns_without_an_order_or_without_values_have_none()
    {
        Assert.Equal("", Sparkline.Of(new ColumnStatistics(DataType.Text)));
        Assert.Equal("", Sparkline.Of(new ColumnStatistics(DataType.Boolean)));
        Assert.Equal("", Sparkline.Of(Column(DataType.Float64)));
        Assert.Equal("█", Sparkline.Of(Column(DataType.Float64, 7, 7)));
        Assert.Equal("████████", Sparkline.Of(Column(DataType.Timestamp, [.. Enumerable.Range(0, 8).Select(second => second * 1e6)])));
    }
}
