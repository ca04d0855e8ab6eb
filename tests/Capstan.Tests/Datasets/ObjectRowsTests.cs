using Capstan.Data;

namespace Capstan.Tests;

public sealed class ObjectRowsTests
{
    enum Colour
    {
        Red,
        Green,
    }

    sealed class Everything
    {
        public byte Byte { get; set; } = 1;
        public sbyte SByte { get; set; } = -1;
        public short Short { get; set; } = -2;
        public ushort UShort { get; set; } = 2;
        public int Int { get; set; } = -3;
        public uint UInt { get; set; } = uint.MaxValue;
        public long Long { get; set; } = long.MinValue;
        public ulong ULong { get; set; } = 5;
        public float Float { get; set; } = 0.5f;
        public double Double { get; set; } = 0.1;
        public decimal Decimal { get; set; } = 2.25m;
        public bool Bool { get; set; } = true;
        public char Char { get; set; } = 'é';
        public string Text { get; set; } = "日本";
        public Colour Enum { get; set; } = Colour.Green;
        public Guid Guid { get; set; } = Guid.Empty;
        public Uri Uri { get; set; } = new("http://localhost/a");
        public DateTime DateTime { get; set; } = new(2001, 2, 3, 4, 5, 6);
        public DateTimeOffset DateTimeOffset { get; set; } = new(2001, 2, 3, 4, 5, 6, TimeSpan.FromHours(9));
        public DateOnly DateOnly { get; set; } = new(2001, 2, 3);
        public int[] NoColumn { get; set; } = [];
        public string this[int index] => "";
        public static int Shared => 1;
    }

    sealed record Nullables(int? Int, double? Double, bool? Bool, Colour? Enum, DateTime? Time, string? Text);

    static async Task<(Schema Schema, List<object?[]> Rows)> Read<T>(IEnumerable<T> rows)
    {
        var source = await Dataset.From(rows).OpenAsync(TestContext.Current.CancellationToken);
        var read = new List<object?[]>();
        await foreach (var batch in source.ReadAllAsync([.. source.Schema.Names], TestContext.Current.CancellationToken))
        {
            read.AddRange(Enumerable.Range(0, batch.RowCount).Select(row => batch.Columns.Select(column => column.ValueAt(row)).ToArray()));
        }

        return (source.Schema, read);
    }

    [Fact]
    public async Task Every_type_of_property_that_a_column_can_hold_becomes_one()
    {
        var (schema, rows) = await Read([new Everything()]);
        Assert.DoesNotContain("NoColumn", schema.Names);
        var moment = new DateTime(2001, 2, 3, 4, 5, 6);
        Assert.Equal(
            [1L, -1L, -2L, 2L, -3L, (long)uint.MaxValue, long.MinValue, 5.0, 0.5, 0.1, 2.25, true, "é", "日本", "Green", Guid.Empty.ToString(), "http://localhost/a", moment, moment, moment.Date],
            Assert.Single(rows));
    }

    [Fact]
    public async Task Null_and_not_a_number_are_missing()
    {
        var (schema, rows) = await Read([new Nullables(1, 2, true, Colour.Red, new DateTime(2001, 1, 1), ""), new Nullables(null, null, null, null, null, null), new Nullables(1, double.NaN, false, null, null, "x")]);
        Assert.Equal([DataType.Int64, DataType.Float64, DataType.Boolean, DataType.Text, DataType.Timestamp, DataType.Text], schema.Fields.Select(field => field.Type));
        Assert.Equal([1L, 2.0, true, "Red", new DateTime(2001, 1, 1), ""], rows[0]);
        Assert.All(rows[1], Assert.Null);
        Assert.Null(rows[2][1]);
    }

    [Fact]
    public async Task Many_rows_come_in_order_across_batches()
    {
        var (_, rows) = await Read(Enumerable.Range(0, 20_000).Select(row => new { N = row }));
        Assert.Equal(Enumerable.Range(0, 20_000).Select(row => (object)(long)row), rows.Select(row => row[0]!));
    }

    [Fact]
    public void Objects_without_columns_and_null_among_the_rows_are_refused()
    {
        Assert.Contains("no public property that can be a column", Assert.Throws<ArgumentException>(() => Dataset.From(new[] { new object() })).Message, StringComparison.Ordinal);
        Assert.Contains("is null; leave it out", Assert.Throws<ArgumentException>(() => Dataset.From(new[] { new { A = 1 }, null })).Message, StringComparison.Ordinal);
    }
}
