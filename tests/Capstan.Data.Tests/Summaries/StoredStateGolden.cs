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

    [Fact]
    public void Tables_are_stored_as_in_version_1()
    {
        var schema = new Schema(
            [new("flag", DataType.Boolean), new("n", DataType.Int64), new("t", DataType.Text), new("at", DataType.Timestamp)]);
        var builder = new BatchBuilder(schema);
        foreach (var row in (object?[][])[[true, 3L, "x", 5L], [null, null, null, null], [false, 0L, "y", -5L]])
        {
            for (var index = 0; index < row.Length; index++)
            {
                Columns.Append(builder.Columns[index], row[index]);
            }
        }

        var table = new TableStatistics(schema);
        table.Observe(builder.Batch);
        AssertStored(
            "qwABAQMCBANEZmxhZwSlAAEBAwIDAwEKAQVBbganAAEBAQIDAwEEAQWmAAEBAgL5PgAD+USABPkAAAX5QgAGpwABARkYAAICA/kAAAT5QgAFUA" +
            "AAAAAAAAAAAgAAAAAAAAAGUAAAAAAAAAAAAAAAAAAACEAHQXQIpwABAQQCAwMBB6cAAQEaAAGGoAIaAgAAAAMCBAAFWCABAAAAAAAAAAEAAAAA" +
            "AAAAAQAAAAAAAAABAAAAAAAAAAZCeXgIowABAVBjar0aqfYjW4eoOi2U68lnAkAJpgABAQIC+TwAA/kAAAT5PAAF+TwACUJhdAqmAAEBBQIDAw" +
            "ELJAwF",
            table);
    }

    static void AssertStored<T>(string golden, T state)
        where T : IStoredState<T>
    {
        Assert.Equal(golden, Convert.ToBase64String(state.ToBytes()));
        Assert.Equal(golden, Convert.ToBase64String(StoredState.FromBytes<T>(Convert.FromBase64String(golden)).ToBytes()));
    }
}
