using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Capstan.Data.Arrow.Tests;

public sealed class ArrowSourceTests
{
    static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_type_that_can_be_read_becomes_one_of_ours()
    {
        var day = new DateTimeOffset(2001, 3, 31, 0, 0, 0, TimeSpan.Zero);
        var batch = Batch(
            ("i8", new Int8Array.Builder().Append(-8).AppendNull().Build()),
            ("u32", new UInt32Array.Builder().Append(uint.MaxValue).AppendNull().Build()),
            ("i64", new Int64Array.Builder().Append(long.MinValue).Append(1).Build()),
            ("u64", new UInt64Array.Builder().Append(1UL << 63).AppendNull().Build()),
            ("f16", new HalfFloatArray.Builder().Append((Half)0.5).AppendNull().Build()),
            ("f32", new FloatArray.Builder().Append(float.NaN).Append(0.25f).Build()),
            ("f64", new DoubleArray.Builder().Append(1e300).AppendNull().Build()),
            ("bool", new BooleanArray.Builder().Append(true).AppendNull().Build()),
            ("text", new StringArray.Builder().Append("日本").AppendNull().Build()),
            ("decimal", new Decimal128Array.Builder(new Decimal128Type(10, 2)).Append(12.34m).AppendNull().Build()),
            ("date32", new Date32Array.Builder().Append(day).AppendNull().Build()),
            ("date64", new Date64Array.Builder().Append(day).AppendNull().Build()),
            ("seconds", Times(TimeUnit.Second, 1, null)),
            ("nanoseconds", Times(TimeUnit.Nanosecond, -1, null)),
            ("beyond", Times(TimeUnit.Second, long.MaxValue, null)),
            ("none", new NullArray(2)));
        var source = new ArrowSource([batch]);
        Assert.Equal(
            "i8: int, u32: int, i64: int, u64: number, f16: number, f32: number, f64: number, bool: boolean, text: text, " +
            "decimal: number, date32: timestamp, date64: timestamp, seconds: timestamp, nanoseconds: timestamp, " +
            "beyond: timestamp, none: text",
            source.Schema.ToString());
        Assert.Equal(
            [
                "-8|4294967295|-9223372036854775808|9.223372036854776E+18|0.5|·|1E+300|True|日本|12.34|" +
                "2001-03-31|2001-03-31|1970-01-01T00:00:01|1969-12-31T23:59:59.999999|·|·",
                "·|·|1|·|·|0.25|·|·|·|·|·|·|·|·|·|·",
            ],
            await RowsAsync(source, [.. source.Schema.Names]));
    }

    [Fact]
    public async Task Lists_of_texts_are_lists_without_what_is_null_in_them()
    {
        var lists = new ListArray.Builder(StringType.Default);
        var texts = (StringArray.Builder)lists.ValueBuilder;
        lists.Append();
        texts.Append("a").AppendNull().Append("日本");
        lists.AppendNull().Append();
        lists.Append();
        texts.Append("");
        var array = lists.Build();
        var batch = Batch(("tags", array), ("n", new Int64Array.Builder().Append(1).Append(2).Append(3).Append(4).Build()));
        Assert.Equal("tags: list, n: int", new ArrowSource([batch]).Schema.ToString());
        Assert.Equal(["<a><日本>|1", "·|2", "|3", "<>|4"], await RowsAsync(new ArrowSource([batch]), ["tags", "n"]));
        Assert.Equal(["|3", "<>|4"], await RowsAsync(new ArrowSource([batch.Slice(2, 2)]), ["tags", "n"]));
    }

    [Fact]
    public void Lists_of_numbers_are_refused_by_name()
    {
        var lists = new ListArray.Builder(Int64Type.Default);
        lists.Append();
        Assert.Contains("lists of texts", Assert.Throws<UnreadableDataException>(() => new ArrowSource([Batch(("tags", lists.Build()))])).Message);
    }

    [Fact]
    public async Task Dictionaries_are_read_as_what_they_hold_in_any_slice()
    {
        var indices = new Int8Array.Builder();
        for (var row = 0; row < 20_000; row++)
        {
            _ = row % 3 == 2 ? indices.AppendNull() : indices.Append((sbyte)(row % 3));
        }

        var words = new StringArray.Builder().Append("card").Append("cash").Build();
        var array = new DictionaryArray(new DictionaryType(Int8Type.Default, StringType.Default, false), indices.Build(), words);
        var rows = await RowsAsync(new ArrowSource([Batch(("how", array))]), ["how"]);
        Assert.Equal(20_000, rows.Count);
        Assert.Equal(Enumerable.Range(0, 20_000).Select(row => row % 3 == 2 ? "·" : row % 3 == 0 ? "card" : "cash"), rows);
    }

    [Fact]
    public async Task Slices_of_arrays_are_read_from_where_they_begin()
    {
        var whole = Batch(
            ("n", new Int32Array.Builder().AppendRange([1, 2, 3, 4]).Build()),
            ("t", new StringArray.Builder().Append("a").AppendNull().Append("c").Append("d").Build()),
            ("b", new BooleanArray.Builder().Append(true).Append(false).AppendNull().Append(true).Build()));
        Assert.Equal(["2|·|False", "3|c|·"], await RowsAsync(new ArrowSource([whole.Slice(1, 2)]), ["n", "t", "b"]));
    }

    [Fact]
    public void A_column_that_cannot_be_read_is_named()
    {
        var lists = new ListArray.Builder(Int32Type.Default);
        lists.Append();
        var failure = Assert.Throws<UnreadableDataException>(() => new ArrowSource([Batch(("tags", lists.Build()))]));
        Assert.Contains("'tags'", failure.Message);
        Assert.Contains("list", failure.Message);
    }

    [Fact]
    public void Batches_of_different_columns_are_refused()
    {
        var numbers = Batch(("x", new DoubleArray.Builder().Append(1).Build()));
        var texts = Batch(("x", new StringArray.Builder().Append("1").Build()));
        Assert.Contains("x: text", Assert.Throws<ArgumentException>(() => new ArrowSource([numbers, texts])).Message);
        Assert.Throws<ArgumentException>(() => new ArrowSource([]));
    }

    [Fact]
    public void Equal_values_have_equal_fingerprints()
    {
        static ArrowSource Of(double value) => new([Batch(("x", new DoubleArray.Builder().Append(value).Build()))]);
        Assert.Equal(Of(1).Fingerprint, Of(1).Fingerprint);
        Assert.NotEqual(Of(1).Fingerprint, Of(2).Fingerprint);
    }

    static TimestampArray Times(TimeUnit unit, params long?[] values)
    {
        var type = new TimestampType(unit, (string?)null);
        var raw = new Int64Array.Builder();
        foreach (var value in values)
        {
            raw.Append(value);
        }

        var data = raw.Build().Data;
        return new TimestampArray(new ArrayData(type, data.Length, data.NullCount, data.Offset, data.Buffers));
    }

    static RecordBatch Batch(params (string Name, IArrowArray Array)[] columns) => new(
        new Apache.Arrow.Schema(columns.Select(column => new Apache.Arrow.Field(column.Name, column.Array.Data.DataType, true)), null),
        columns.Select(column => column.Array), columns[0].Array.Length);

    static async Task<List<string>> RowsAsync(IBatchSource source, string[] columns)
    {
        var rows = new List<string>();
        await foreach (var batch in source.ReadAllAsync(columns, Token))
        {
            Assert.InRange(batch.RowCount, 1, 8192);
            for (var row = 0; row < batch.RowCount; row++)
            {
                rows.Add(string.Join('|', batch.Columns.Select(column => Show(column, row))));
            }
        }

        return rows;
    }

    static string Show(Column column, int row) => !column.IsPresent(row) ? "·"
        : column.Type == DataType.Timestamp ? TimestampText.Format(column.Int64s[row])
        : column.ValueAt(row) is string[] list ? string.Concat(list.Select(item => $"<{item}>"))
        : string.Format(CultureInfo.InvariantCulture, "{0}", column.ValueAt(row));
}
