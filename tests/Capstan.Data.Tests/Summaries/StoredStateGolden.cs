namespace Capstan.Data.Tests.Summaries;

/// <summary>The bytes of version 1 of every stored state. They stay readable for ever; a change here needs a new version.</summary>
public sealed class StoredStateGolden
{
    [Fact]
    public void Moments_are_stored_as_in_version_1() =>
        AssertStored(
            "pgABAQMC+7/FVVVVVVVVA/tANyqqqqqqqwT5xAAF+UEA",
            Moments.Of([1, 2.5, -4]));

    [Fact]
    public void Sketches_are_stored_as_in_version_1()
    {
        var sketch = new QuantileSketch(24);
        sketch.Observe([.. Enumerable.Range(0, 30).Select(index => index * 7 % 30 / 4.0)]);
        AssertStored(
            "pwABARgYAhgeA/kAAAT5R0AFWCABAAAAAAAAAAYAAAAAAAAAAAAAAAAAAAAMAAAAAAAAAAZYkAAAAAAAAOA/AAAAAAAAAkAAAAAAAAAQQAAAAA" +
            "AAABJAAAAAAAAAF0AAAAAAAAAZQAAAAAAAANA/AAAAAAAA8D8AAAAAAAD4PwAAAAAAAABAAAAAAAAABkAAAAAAAAAKQAAAAAAAAA5AAAAAAAAA" +
            "E0AAAAAAAAAVQAAAAAAAABhAAAAAAAAAG0AAAAAAAAAdQA==",
            sketch);
    }

    [Fact]
    public void Values_are_stored_as_in_version_1()
    {
        string[] texts = ["b", "ü", "", "b", "c", "eight letters"];
        var values = RandomValues.Observing(
            new TopValues(4), texts.Select(System.Text.Encoding.UTF8.GetBytes), (state, text) => state.Observe(text));
        AssertStored(
            "pwABAQQCGhAAAAADBgQBBVggAQAAAAAAAAANAAAAAAAAAAEAAAAAAAAAAQAAAAAAAAAGTmVpZ2h0IGxldHRlcnNi",
            values);
    }

    [Fact]
    public void Distinct_counts_are_stored_as_in_version_1()
    {
        var count = new DistinctCount();
        count.Observe(7);
        count.Observe("a"u8);
        count.Observe("four"u8);
        count.Observe("eight letters"u8);
        AssertStored(
            "owABAVggORb7zZgQ1zeoE+NhoYBRtaWbqA6dU9bFKftR8hkkPPICQA==",
            count);
    }

    /// <summary>Stored before numbers had a distinct count and timestamps a distribution.</summary>
    [Fact]
    public void Tables_without_later_parts_stay_readable_and_as_they_are()
    {
        const string Golden =
            "qwABAQMCBANEZmxhZwSlAAEBAwIDAwEKAQVBbganAAEBAQIDAwEEAQWmAAEBAgL5PgAD+USABPkAAAX5QgAGpwABARkYAAICA/kAAAT5QgAFUA" +
            "AAAAAAAAAAAgAAAAAAAAAGUAAAAAAAAAAAAAAAAAAACEAHQXQIpwABAQQCAwMBB6cAAQEaAAGGoAIaAgAAAAMCBAAFWCABAAAAAAAAAAEAAAAA" +
            "AAAAAQAAAAAAAAABAAAAAAAAAAZCeXgIowABAVBjar0aqfYjW4eoOi2U68lnAkAJpgABAQIC+TwAA/kAAAT5PAAF+TwACUJhdAqmAAEBBQIDAw" +
            "ELJAwF";
        var read = StoredState.FromBytes<TableStatistics>(Convert.FromBase64String(Golden));
        Assert.Equal((1.5, null, null), (read["n"].Numbers!.Mean, read["n"].Distinct, read["at"].Quantiles));
        Assert.Equal(Golden, Convert.ToBase64String(read.ToBytes()));
        var merged = read.Merge(SmallTable());
        Assert.Equal((6, 5L, null, null), (merged.RowCount, merged["at"].Latest, merged["n"].Distinct, merged["at"].Quantiles));
        read.Observe(SmallRows());
        Assert.Equal(merged.ToBytes(), read.ToBytes());
    }

    [Fact]
    public void Tables_are_stored_as_in_version_1() => AssertStored(
        "qwABAQMCBANEZmxhZwSlAAEBAwIDAwEKAQVBbgaoAAEBAQIDAwEEAQWmAAEBAgL5PgAD+USABPkAAAX5QgAGpwABARkYAAICA/kAAAT5QgAFUAAAAA" +
        "AAAAAAAgAAAAAAAAAGUAAAAAAAAAAAAAAAAAAACEAIowABAVBR2GE6Df+ubmX1bzA0Ie7yAkAHQXQIpwABAQQCAwMBB6cAAQEaAAGGoAIaAgAAAAMC" +
        "BAAFWCABAAAAAAAAAAEAAAAAAAAAAQAAAAAAAAABAAAAAAAAAAZCeXgIowABAVBjar0aqfYjW4eoOi2U68lnAkAJpgABAQIC+TwAA/kAAAT5PAAF+T" +
        "wACUJhdAqnAAEBBQIDAwEGpwABARkYAAICA/nFAAT5RQAFUAAAAAAAAAAAAgAAAAAAAAAGUAAAAAAAABTAAAAAAAAAFEALJAwF",
        SmallTable());

    static TableStatistics SmallTable()
    {
        var rows = SmallRows();
        var table = new TableStatistics(rows.Schema);
        table.Observe(rows);
        return table;
    }

    static ColumnBatch SmallRows()
    {
        var builder = new BatchBuilder(new Schema(
            [new("flag", DataType.Boolean), new("n", DataType.Int64), new("t", DataType.Text), new("at", DataType.Timestamp)]));
        foreach (var row in (object?[][])[[true, 3L, "x", 5L], [null, null, null, null], [false, 0L, "y", -5L]])
        {
            for (var index = 0; index < row.Length; index++)
            {
                Columns.Append(builder.Columns[index], row[index]);
            }
        }

        return builder.Batch;
    }

    static void AssertStored<T>(string golden, T state)
        where T : IStoredState<T>
    {
        Assert.Equal(golden, Convert.ToBase64String(state.ToBytes()));
        Assert.Equal(golden, Convert.ToBase64String(StoredState.FromBytes<T>(Convert.FromBase64String(golden)).ToBytes()));
    }
}
