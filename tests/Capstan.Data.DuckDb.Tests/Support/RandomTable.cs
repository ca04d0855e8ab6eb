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
    [
        "a", "b ", " c", ",", ";", "\t", "\"", "\"\"", "\n", "\r\n", "é", "日本", "😀", "'", "\\", "{", "0", "NA", "null", "-", "\0",
    ];

    /// <param name="schema">A column that is called present holds the rows' numbers.</param>
    /// <param name="hasNullCharacter">Whether texts may hold U+0000, which DuckDB's reader of CSV does not take.</param>
    public static ColumnBatch Of(int seed, int rows, Schema? schema = null, bool hasNullCharacter = true)
    {
        var (random, builder) = (new Random(seed), new BatchBuilder(schema ?? Schema));
        var pieces = Pieces.AsSpan(..^(hasNullCharacter ? 0 : 1));
        for (var row = 0; row < rows; row++)
        {
            for (var index = 0; index < builder.Columns.Length; index++)
            {
                if (builder.Batch.Schema.Fields[index].Name == "present")
                {
                    builder.Columns[index].Append((long)row);
                }
                else
                {
                    Append(builder.Columns[index], random, pieces);
                }
            }
        }

        return builder.Batch;
    }

    static void Append(ColumnBuilder column, Random random, ReadOnlySpan<string> pieces)
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
                column.Append(TextOf(random, pieces));
                break;
            case DataType.TextList:
                for (var items = random.Next(4); items > 0; items--)
                {
                    column.Items.Append(TextOf(random, pieces));
                }

                column.AppendList();
                break;
            default:
                column.Append(random.NextInt64(Timestamps.MinValue, Timestamps.MaxValue));
                break;
        }
    }

    static string TextOf(Random random, ReadOnlySpan<string> pieces)
    {
        var text = "";
        for (var count = random.Next(6); count > 0; count--)
        {
            text += pieces[random.Next(pieces.Length)];
        }

        return text;
    }
}
