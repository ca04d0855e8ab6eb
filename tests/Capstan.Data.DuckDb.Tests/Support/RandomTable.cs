namespace Capstan.Data.DuckDb.Tests;

/// <summary>Random rows of all types, a tenth of the values missing, with the awkward ones among them.</summary>
static class RandomTable
{
    public static readonly Schema Schema = new(
    [
        new("id", DataType.Int64), new("x", DataType.Float64), new("flag", DataType.Boolean), new("text", DataType.Text),
        new("at", DataType.Timestamp), new("present", DataType.Int64),
    ]);

    /// <summary>With a column of lists, for formats that have them.</summary>
    public static readonly Schema WithLists = new([.. Schema.Fields[..^1], new("tags", DataType.TextList), Schema.Fields[^1]]);

    static readonly string[] Pieces =
        ["a", "b ", " c", ",", ";", "\t", "\"", "\n", "\r\n", "é", "日本", "😀", "'", "\\", "{", "0", "NA", "null", "\0"];

    public static ColumnBatch Of(int seed, int rows, Schema? schema = null)
    {
        var random = new Random(seed);
        var builder = new BatchBuilder(schema ?? Schema);
        for (var row = 0; row < rows; row++)
        {
            foreach (var column in builder.Columns[..^1])
            {
                Append(column, random);
            }

            builder.Columns[^1].Append((long)row);
        }

        return builder.Batch;
    }

    static void Append(ColumnBuilder column, Random random)
    {
        if (random.Next(10) == 0)
        {
            column.AppendMissing();
            return;
        }

        switch (column.Type)
        {
            case DataType.Int64:
                column.Append(random.NextInt64() >> random.Next(64));
                break;
            case DataType.Float64:
                column.Append(random.Next(2) == 0 ? Math.Round(random.NextDouble() * 1e4, 3)
                    : BitConverter.Int64BitsToDouble(random.NextInt64()));
                break;
            case DataType.Boolean:
                column.Append(random.Next(2) == 0);
                break;
            case DataType.Text:
                column.Append(TextOf(random));
                break;
            case DataType.TextList:
                for (var items = random.Next(4); items > 0; items--)
                {
                    column.Items.Append(TextOf(random));
                }

                column.AppendList();
                break;
            default:
                column.Append(random.NextInt64(Timestamps.MinValue, Timestamps.MaxValue));
                break;
        }
    }

    static string TextOf(Random random) => string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => Pieces[random.Next(Pieces.Length)]));
}
