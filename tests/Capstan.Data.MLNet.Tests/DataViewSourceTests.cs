using Microsoft.Data.Analysis;
using Microsoft.ML;

namespace Capstan.Data.MLNet.Tests;

public sealed class DataViewSourceTests
{
    static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    static DataFrame Frame(int rows) => new(
        new Int32DataFrameColumn("n", Enumerable.Range(0, rows).Select(row => (int?)row)),
        new DoubleDataFrameColumn("x", Enumerable.Range(0, rows).Select(row => row % 3 == 0 ? double.NaN : row / 4.0)),
        new SingleDataFrameColumn("f", Enumerable.Range(0, rows).Select(row => (float?)row)),
        new BooleanDataFrameColumn("b", Enumerable.Range(0, rows).Select(row => (bool?)(row % 2 == 0))),
        new StringDataFrameColumn("t", Enumerable.Range(0, rows).Select(row => $"w{row}")));

    [Fact]
    public async Task A_views_columns_are_read_with_their_types()
    {
        var source = new DataViewSource(Frame(20_000));
        Assert.Equal("n: int, x: number, f: number, b: boolean, t: text", source.Schema.ToString());
        Assert.Empty(source.LeftOut);
        var row = 0;
        await foreach (var batch in source.ReadAllAsync(["t", "x", "n", "b", "f"], Token))
        {
            Assert.InRange(batch.RowCount, 1, 8192);
            for (var index = 0; index < batch.RowCount; index++, row++)
            {
                Assert.Equal(
                    [$"w{row}", row % 3 == 0 ? null : row / 4.0, (long)row, row % 2 == 0, (double)row],
                    batch.Columns.Select(column => column.ValueAt(index)));
            }
        }

        Assert.Equal(20_000, row);
    }

    [Fact]
    public void Equal_values_have_equal_fingerprints()
    {
        Assert.Equal(new DataViewSource(Frame(10)).Fingerprint, new DataViewSource(Frame(10)).Fingerprint);
        Assert.NotEqual(new DataViewSource(Frame(10)).Fingerprint, new DataViewSource(Frame(11)).Fingerprint);
    }

    [Fact]
    public async Task A_frame_knows_missing_integers_and_booleans_too()
    {
        var frame = new DataFrame(
            new Int64DataFrameColumn("n", [1, null]), new BooleanDataFrameColumn("b", [null, true]),
            new StringDataFrameColumn("t", ["a", null!]), new DateTimeDataFrameColumn("at", [new DateTime(2001, 3, 31), null]),
            new DecimalDataFrameColumn("d", [1.5m, null]));
        var source = new DataFrameSource(frame);
        Assert.Equal("n: int, b: boolean, t: text, at: timestamp, d: number", source.Schema.ToString());
        Assert.Equal(2, source.RowCount());
        await foreach (var batch in source.ReadAllAsync([.. source.Schema.Names], Token))
        {
            Assert.Equal([1L, null, "a", new DateTime(2001, 3, 31), 1.5], batch.Columns.Select(column => column.ValueAt(0)));
            Assert.Equal([null, true, null, null, null], batch.Columns.Select(column => column.ValueAt(1)));
        }
    }
}
