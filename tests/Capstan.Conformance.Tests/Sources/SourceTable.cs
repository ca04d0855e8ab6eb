using Capstan.Data;

namespace Capstan.Conformance.Tests;

/// <summary>The rows that every source is given: all types, a tenth of the values missing.</summary>
static class SourceTable
{
    public const int RowCount = 9000;

    public static readonly Schema Schema = new(
    [
        new("Id", DataType.Int64), new("X", DataType.Float64), new("Flag", DataType.Boolean), new("Name", DataType.Text),
        new("At", DataType.Timestamp),
    ]);

    public static readonly ColumnBatch Rows = Random();

    /// <summary>The rows as objects; null is missing.</summary>
    public sealed record Row(long? Id, double? X, bool? Flag, string? Name, DateTime? At);

    public static IEnumerable<Row> Objects => Enumerable.Range(0, RowCount).Select(row => new Row(
        (long?)Rows["Id"].ValueAt(row), (double?)Rows["X"].ValueAt(row), (bool?)Rows["Flag"].ValueAt(row),
        (string?)Rows["Name"].ValueAt(row), (DateTime?)Rows["At"].ValueAt(row)));

    static ColumnBatch Random()
    {
        var random = new Random(1);
        var builder = new BatchBuilder(Schema);
        string[] words = ["cash", "card", "é", "日本", "two words", "a,b", "say \"hi\"", "line\nbreak", "\\"];
        for (var row = 0; row < RowCount; row++)
        {
            AppendOrMiss(builder.Columns[0], random, column => column.Append(random.NextInt64() >> random.Next(64)));
            AppendOrMiss(builder.Columns[1], random, column => column.Append(Math.Round(random.NextDouble() * 1e6, random.Next(9)) + 0.5));
            AppendOrMiss(builder.Columns[2], random, column => column.Append(random.Next(2) == 0));
            AppendOrMiss(builder.Columns[3], random, column => column.Append(words[random.Next(words.Length)]));
            AppendOrMiss(builder.Columns[4], random, column =>
                column.Append(random.NextInt64(0, 2_000_000_000) * Timestamps.MicrosecondsPerSecond + random.Next(1_000_000)));
        }

        return builder.Batch;
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
}
