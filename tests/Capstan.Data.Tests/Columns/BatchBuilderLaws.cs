namespace Capstan.Data.Tests.Columns;

public sealed class BatchBuilderLaws
{
    internal static readonly Schema Schema = new(
    [
        new Field("whole", DataType.Int64), new Field("number", DataType.Float64), new Field("truth", DataType.Boolean),
        new Field("text", DataType.Text), new("tags", DataType.TextList), new Field("time", DataType.Timestamp),
    ]);

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 5)]
    [InlineData(3, 1000)]
    public void Rows_gathered_in_any_order_are_the_rows_asked_for(int seed, int missingPerMille)
    {
        var random = new Random(seed);
        var source = Rows(random, 300, missingPerMille);
        for (var round = 0; round < 50; round++)
        {
            var rows = Enumerable.Range(0, random.Next(200)).Select(_ => random.Next(source.RowCount)).ToArray();
            var gathered = new BatchBuilder(Schema.Select(["text", "tags", "number", "time", "truth", "whole"]));
            gathered.AppendRows(source, rows.AsSpan(0, rows.Length / 3));
            gathered.AppendRows(source, rows.AsSpan(rows.Length / 3));
            Assert.Equal(rows.Length, gathered.Batch.RowCount);
            foreach (var name in Schema.Names)
            {
                Assert.Equal(rows.Select(row => source[name].ValueAt(row)), Enumerable.Range(0, rows.Length).Select(row => gathered.Batch[name].ValueAt(row)));
                Assert.Equal(rows.Count(row => !source[name].IsPresent(row)), gathered.Batch[name].MissingCount);
            }
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 300)]
    [InlineData(3, 1000)]
    public void Values_appended_many_at_a_time_are_those_appended_one_by_one(int seed, int missingPerMille)
    {
        var random = new Random(seed);
        var source = Rows(random, 700, missingPerMille);
        var (whole, number, text) = (new ColumnBuilder(DataType.Int64), new ColumnBuilder(DataType.Float64), new ColumnBuilder(DataType.Text));
        for (var start = 0; start < source.RowCount;)
        {
            var count = random.Next(Math.Min(200, source.RowCount - start) + 1);
            whole.Append(source["whole"].Int64s.Slice(start, count), Validity(source["whole"], start, count));
            number.Append(source["number"].Float64s.Slice(start, count), Validity(source["number"], start, count));
            for (var row = start; row < start + count; row++)
            {
                if (source["text"].IsPresent(row))
                {
                    text.Append(source["text"].TextBytes[source["text"].TextOffsets[row]..], source["text"].TextAt(row).Length);
                }
                else
                {
                    text.AppendMissing();
                }
            }

            start += count;
        }

        foreach (var (name, builder) in (ReadOnlySpan<(string, ColumnBuilder)>)[("whole", whole), ("number", number), ("text", text)])
        {
            var rows = Enumerable.Range(0, source.RowCount);
            Assert.Equal(rows.Select(source[name].ValueAt), rows.Select(builder.Column.ValueAt));
            Assert.Equal((source.RowCount, source[name].MissingCount), (builder.Length, builder.Column.MissingCount));
        }

        ulong[] Validity(Column column, int start, int count)
        {
            // Bits behind the last value mean nothing.
            var words = new ulong[(count + 63) / 64];
            Array.Fill(words, (ulong)random.NextInt64());
            for (var row = 0; row < count; row++)
            {
                var bit = 1UL << row % 64;
                words[row / 64] = column.IsPresent(start + row) ? words[row / 64] | bit : words[row / 64] & ~bit;
            }

            return words;
        }
    }

    [Fact]
    public void A_cleared_builder_forgets_what_it_held()
    {
        var random = new Random(7);
        var builder = new BatchBuilder(Schema);
        builder.AppendRows(Rows(random, 200, 0), [.. Enumerable.Range(0, 200)]);
        builder.Clear();
        var other = Rows(random, 100, 500);
        builder.AppendRows(other, [.. Enumerable.Range(0, 100)]);
        foreach (var name in Schema.Names)
        {
            Assert.Equal(Enumerable.Range(0, 100).Select(other[name].ValueAt), Enumerable.Range(0, 100).Select(builder.Batch[name].ValueAt));
        }
    }

    [Fact]
    public void Rows_in_memory_have_the_fingerprint_of_their_values()
    {
        var (rows, same, other) = (Rows(new Random(1), 50, 100), Rows(new Random(1), 50, 100), Rows(new Random(2), 50, 100));
        Assert.Equal(new MemorySource(Schema, [rows]).Fingerprint, new MemorySource(Schema, [same]).Fingerprint);
        Assert.NotEqual(new MemorySource(Schema, [rows]).Fingerprint, new MemorySource(Schema, [other]).Fingerprint);
    }

    internal static ColumnBatch Rows(Random random, int count, int missingPerMille)
    {
        var builder = new BatchBuilder(Schema);
        for (var row = 0; row < count; row++)
        {
            foreach (var column in builder.Columns)
            {
                if (random.Next(1000) < missingPerMille)
                {
                    column.AppendMissing();
                    continue;
                }

                switch (column.Type)
                {
                    case DataType.Float64:
                        column.Append(random.NextDouble());
                        break;
                    case DataType.Boolean:
                        column.Append(random.Next(2) == 0);
                        break;
                    case DataType.Text:
                        column.Append(new string('x', random.Next(20)) + random.Next(1000));
                        break;
                    case DataType.TextList:
                        for (var items = random.Next(4); items > 0; items--)
                        {
                            column.Items.Append($"item {random.Next(5)}");
                        }

                        column.AppendList();
                        break;
                    default:
                        column.Append(random.NextInt64(-1_000_000_000, 1_000_000_000));
                        break;
                }
            }
        }

        return builder.Batch;
    }
}
