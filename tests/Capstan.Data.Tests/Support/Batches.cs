namespace Capstan.Data.Tests;

/// <summary>Small and random batches.</summary>
static class Batches
{
    public static readonly Schema AllTypes = new(
    [
        new("id", DataType.Int64), new("x", DataType.Float64), new("flag", DataType.Boolean), new("name", DataType.Text),
        new("at", DataType.Timestamp),
    ]);

    /// <summary>Four rows: a list of two texts, one of none, a missing one, and one of an empty text.</summary>
    public static ColumnBatch Lists
    {
        get
        {
            var builder = new BatchBuilder(new Schema([new("n", DataType.Int64), new("tags", DataType.TextList)]));
            foreach (string[]? list in new string[]?[] { ["a", "é,\"b\""], [], null, [""] })
            {
                builder.Columns[0].Append(builder.Columns[0].Length + 1L);
                if (list is null)
                {
                    builder.Columns[1].AppendMissing();
                    continue;
                }

                foreach (var item in list)
                {
                    builder.Columns[1].Items.Append(item);
                }

                builder.Columns[1].AppendList();
            }

            return builder.Batch;
        }
    }

    /// <summary>Rows of all types with awkward values and a tenth of them missing.</summary>
    public static ColumnBatch Random(int seed, int rows)
    {
        var random = new Random(seed);
        var builder = new BatchBuilder(AllTypes);
        for (var row = 0; row < rows; row++)
        {
            AppendOrMiss(builder.Columns[0], random, column =>
                column.Append(random.NextInt64(-5, 6) * (random.Next(4) == 0 ? long.MaxValue / 5 : 1)));
            AppendOrMiss(builder.Columns[1], random, column => column.Append(RandomDouble(random)));
            AppendOrMiss(builder.Columns[2], random, column => column.Append(random.Next(2) == 0));
            AppendOrMiss(builder.Columns[3], random, column => column.Append(RandomText(random)));
            AppendOrMiss(builder.Columns[4], random, column =>
                column.Append(random.NextInt64(Timestamps.MinValue, Timestamps.MaxValue) / 1000 * 1000));
        }

        return builder.Batch;
    }

    /// <summary>A source of the rows cut into batches of the lengths given, in as many splits as asked.</summary>
    public static MemorySource Source(ColumnBatch rows, int batchRows)
    {
        var batches = new List<ColumnBatch>();
        for (var start = 0; start < rows.RowCount; start += batchRows)
        {
            var builder = new BatchBuilder(rows.Schema);
            for (var row = start; row < Math.Min(start + batchRows, rows.RowCount); row++)
            {
                builder.AppendRow(rows, row);
            }

            batches.Add(builder.Batch);
        }

        return new MemorySource(rows.Schema, batches);
    }

    public static async Task<List<string>> Rows(this IBatchSource source, params string[] columns)
    {
        var rows = new List<string>();
        await foreach (
            var batch in source.ReadAllAsync(columns.Length == 0 ? [.. source.Schema.Names] : columns,
            TestContext.Current.CancellationToken))
        {
            Assert.InRange(batch.RowCount, 1, 8192);
            for (var row = 0; row < batch.RowCount; row++)
            {
                rows.Add(
                    string.Join("|",
                    batch.Columns.Select(column => FormattableString.Invariant($"{column.ValueAt(row) ?? "·"}"))));
            }
        }

        return rows;
    }

    static void AppendOrMiss(ColumnBuilder column, Random random, Action<ColumnBuilder> append)
    {
        if (random.Next(10) == 0)
        {
            column.AppendMissing();
        }
        else
        {
            append(column);
        }
    }

    static double RandomDouble(Random random) => random.Next(4) switch
    {
        0 => random.Next(-100, 100),
        1 => Math.Round(random.NextDouble() * 1000, random.Next(6)),
        2 => BitConverter.Int64BitsToDouble(random.NextInt64()) is var any && double.IsFinite(any) ? any : -0.0,
        _ => random.NextDouble(),
    };

    static string RandomText(Random random)
    {
        string[] pieces = ["a", "b ", " c", ",", ";", "\t", "\"", "\"\"", "\n", "\r\n", "\r", "é", "日本", "😀", "'", "\\", "{",
            "0", "NA", "null", "\u0001", "|"];
        return string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => pieces[random.Next(pieces.Length)]));
    }
}
