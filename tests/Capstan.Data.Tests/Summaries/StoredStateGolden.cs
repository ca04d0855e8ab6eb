namespace Capstan.Data.Tests.Summaries;

/// <summary>
/// The bytes of the newest version of every stored state. All versions stay readable for ever; a change here needs a new version.
/// </summary>
public sealed class StoredStateGolden
{
    [Fact]
    public void Moments_are_stored_as_in_version_1() =>
        AssertStored(
            "pgABAQMC+7/FVVVVVVVVA/tANyqqqqqqqwT5xAAF+UEA",
            Moments.Of([1, 2.5, -4]));

    [Fact]
    public void Sketches_are_stored_as_in_version_2()
    {
        var sketch = new QuantileSketch(0.1);
        sketch.Observe([.. Enumerable.Range(0, 155).Select(index => index * 7 % 155 / 4.0)]);
        AssertStored(
            "qQACAhibA/kAAAT5UNAGWQKAAAAAAAAAPkAAAAAAAMA/QAAAAAAAwEBAAAAAAACgQUAAAAAAAIBCQAAAAAAAAAAAAAAAAAAA4D8AAAAAAADwPwAAAA" +
            "AAAPg/AAAAAAAAAEAAAAAAAAAEQAAAAAAAAAhAAAAAAAAADEAAAAAAAAAQQAAAAAAAABJAAAAAAAAAFEAAAAAAAAAWQAAAAAAAABhAAAAAAAAAGkAA" +
            "AAAAAAAcQAAAAAAAAB5AAAAAAAAAIEAAAAAAAAAhQAAAAAAAACJAAAAAAAAAI0AAAAAAAAAkQAAAAAAAACVAAAAAAAAAJkAAAAAAAAAnQAAAAAAAAC" +
            "hAAAAAAAAAKUAAAAAAAAAqQAAAAAAAACtAAAAAAAAALEAAAAAAAAAtQAAAAAAAAC5AAAAAAAAAL0AAAAAAAAAwQAAAAAAAgDBAAAAAAAAAMUAAAAAA" +
            "AIAxQAAAAAAAADJAAAAAAACAMkAAAAAAAAAzQAAAAAAAgDNAAAAAAAAANEAAAAAAAIA0QAAAAAAAADVAAAAAAACANUAAAAAAAAA2QAAAAAAAgDZAAA" +
            "AAAAAAN0AAAAAAAIA3QAAAAAAAADhAAAAAAACAOEAAAAAAAAA5QAAAAAAAgDlAAAAAAAAAOkAAAAAAAIA6QAAAAAAAADtAAAAAAACAO0AAAAAAAAA8" +
            "QAAAAAAAgDxAAAAAAAAAPUAAAAAAAIA9QAAAAAAAQD5AAAAAAADAPkAAAAAAAEA/QAAAAAAAAEBAAAAAAABAQEAAAAAAAIBAQAAAAAAA4EBAAAAAAA" +
            "AgQUAAAAAAAGBBQAAAAAAAwEFAAAAAAAAAQkAAAAAAAEBCQAAAAAAAoEJAAAAAAADgQkAAAAAAACBDQAf7P7mZmZmZmZoIAQkAClAFAAAAAAAAAEsA" +
            "AAAAAAAA",
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

    [Fact]
    public void Tables_are_stored_as_in_version_1_with_sketches_of_version_2() => AssertStored(
        "qwABAQMCBANEZmxhZwSlAAEBAwIDAwEKAQVBbgaoAAEBAQIDAwEEAQWmAAEBAgL5PgAD+USABPkAAAX5QgAGqQACAgID+QAABPlCAAZQAAAAAAAAAA" +
        "AAAAAAAAAIQAf7P1BiTdLxqfwIAAkACkgCAAAAAAAAAAijAAEBUFHYYToN/65uZfVvMDQh7vICQAdBdAinAAEBBAIDAwEHpwABARoAAYagAhoCAAAA" +
        "AwIEAAVYIAEAAAAAAAAAAQAAAAAAAAABAAAAAAAAAAEAAAAAAAAABkJ5eAijAAEBUGNqvRqp9iNbh6g6LZTryWcCQAmmAAEBAgL5PAAD+QAABPk8AA" +
        "X5PAAJQmF0CqcAAQEFAgMDAQapAAICAgP5xQAE+UUABlAAAAAAAAAUwAAAAAAAABRAB/s/UGJN0vGp/AgACQAKSAIAAAAAAAAACyQMBQ==",
        SmallTable());

    /// <summary>As it was before sketches of version 2, distinct counts of numbers and distributions of timestamps.</summary>
    [Fact]
    public void A_table_without_later_parts_is_read_merged_and_written_without_them()
    {
        const string Golden =
            "qwABAQMCBANEZmxhZwSlAAEBAwIDAwEKAQVBbganAAEBAQIDAwEEAQWmAAEBAgL5PgAD+USABPkAAAX5QgAGpwABARkYAAICA/kAAAT5QgAFUA" +
            "AAAAAAAAAAAgAAAAAAAAAGUAAAAAAAAAAAAAAAAAAACEAHQXQIpwABAQQCAwMBB6cAAQEaAAGGoAIaAgAAAAMCBAAFWCABAAAAAAAAAAEAAAAA" +
            "AAAAAQAAAAAAAAABAAAAAAAAAAZCeXgIowABAVBjar0aqfYjW4eoOi2U68lnAkAJpgABAQIC+TwAA/kAAAT5PAAF+TwACUJhdAqmAAEBBQIDAw" +
            "ELJAwF";
        var table = StoredState.FromBytes<TableStatistics>(Convert.FromBase64String(Golden));
        Assert.Equal((3, 4), (table.RowCount, table.Columns.Length));
        var sketch = table["n"].Quantiles!; // n is a column of integers
        Assert.Equal((2, 0.0, 3), (sketch.Count, sketch.RankError, sketch.Quantile(1)));
        Assert.Equal((null, null), (table["n"].Distinct, table["at"].Quantiles));
        var merged = StoredState.FromBytes<TableStatistics>(table.Merge(SmallTable()).ToBytes());
        Assert.Equal((6, 5L, null, null), (merged.RowCount, merged["at"].Latest, merged["n"].Distinct, merged["at"].Quantiles));
        table.Observe(SmallRows());
        Assert.Equal(merged.ToBytes(), table.ToBytes());
    }

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
