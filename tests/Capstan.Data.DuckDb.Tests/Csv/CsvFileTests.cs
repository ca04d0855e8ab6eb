using System.Collections.Immutable;

namespace Capstan.Data.DuckDb.Tests.Csv;

public sealed class CsvFileTests : IDisposable
{
    readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Types_are_found_and_values_read()
    {
        var path = _data.Write("a.csv",
            "id,price,late,when,name\n1,2.5,true,2001-03-31,a\n2,3,FALSE,2001-03-31 23:59:30.25,\"b, \"\"c\"\"\nd\"\n,,,,\n");
        var source = await Reading.Open(path);
        Assert.Equal("id: int, price: number, late: boolean, when: timestamp, name: text", source.Schema.ToString());
        Assert.Equal(
            ["1|2.5|True|2001-03-31|a", "2|3|False|2001-03-31T23:59:30.25|b, \"c\"\nd", "·|·|·|·|·"], await source.Rows());
        Assert.Equal(["a|1", "b, \"c\"\nd|2", "·|·"], await source.Rows("name", "id"));
        Assert.Null(source.RowCount());
    }

    [Theory]
    [InlineData("a.csv", "a;b\n1;2,5\n", "1|2,5")]
    [InlineData("a.tsv", "a\tb\n1\t2\n", "1|2")]
    [InlineData("a.txt", "a|b\n1|2\n", "1|2")]
    [InlineData("a.csv", "\ufeffa,b\r\n1,2\r\n", "1|2")]
    [InlineData("a.csv", "\n\r\na,b\n\n1,2\n\n", "1|2")]
    [InlineData("a.csv", "\"a\",\"b;;;;\"\n1,2", "1|2")]
    [InlineData("a.csv", " a , b \n 1 ,2 \n", "1|2")]
    public async Task Delimiters_line_ends_and_marks_are_found(string name, string text, string expected) =>
        Assert.Equal([expected], await (await Reading.Open(_data.Write(name, text))).Rows());

    [Fact]
    public async Task Gzip_is_decompressed_whatever_the_name()
    {
        Assert.Equal(["1|2"], await (await Reading.Open(_data.WriteGzip("a.csv.gz", "a,b\n1,2\n"))).Rows());
        Assert.Equal(["1|2"], await (await Reading.Open(_data.WriteGzip("b.csv", "\ufeffa,b\n1,2\n"))).Rows("a", "b"));
    }

    [Fact]
    public async Task Joined_gzip_files_are_one()
    {
        byte[] joined =
        [
            .. await File.ReadAllBytesAsync(_data.WriteGzip("a.gz", "a\n1\n"), TestContext.Current.CancellationToken),
            .. await File.ReadAllBytesAsync(_data.WriteGzip("b.gz", "2\n"), TestContext.Current.CancellationToken),
        ];
        Assert.Equal(["1", "2"], await (await Reading.Open(_data.Write("a.csv.gz", joined))).Rows());
    }

    [Fact]
    public async Task Names_may_be_given_missing_or_odd()
    {
        var options = new ReadOptions { ColumnNames = ["x", "y"] };
        Assert.Equal(["1|2", "3|4"], await (await Reading.Open(options, _data.Write("bare.csv", "1,2\n3,4\n"))).Rows("x", "y"));
        var source = await Reading.Open(_data.Write("index.csv", ",\"odd \"\"name\"\", it's\"\n0,5\n"));
        Assert.Equal(["column1", "odd \"name\", it's"], source.Schema.Names);
        Assert.Equal(["5"], await source.Rows("odd \"name\", it's"));
    }

    [Theory]
    [InlineData("1\n2\n3.5\n", DataType.Float64)]
    [InlineData("1\n\n99999999999999999999\n", DataType.Float64)]
    [InlineData("NA\n1\n?\n2\nnull\n", DataType.Int64)]
    [InlineData("0e12\n1a2b\nff00\n", DataType.Text)]
    [InlineData("true\nFalse\n\n", DataType.Boolean)]
    [InlineData("t\nf\n", DataType.Text)]
    [InlineData("2001-01-01\n2001-01-01 10:00 UTC\n", DataType.Timestamp)]
    [InlineData("\"\"\n\"\"\n", DataType.Text)]
    [InlineData("a\n1\n2\n", DataType.Text)]
    [InlineData("a\n1\n2\n3\n4\n5\n6\n7\n8\n9\n", DataType.Int64)]
    public async Task Types_follow_nine_cells_in_ten(string cells, DataType expected) =>
        Assert.Equal(expected, (await Reading.Open(_data.Write("a.csv", $"x\n{cells}"))).Schema["x"].Type);

    [Fact]
    public async Task Declared_types_go_before_found_ones()
    {
        var options = new ReadOptions
        {
            Types = new Dictionary<string,
            DataType> { ["zip"] = DataType.Text, ["flag"] = DataType.Boolean, ["n"] = DataType.Float64 }.ToImmutableDictionary(),
        };
        var source = await Reading.Open(options, _data.Write("a.csv", "zip,flag,n\n00501,1,5\n10001,no,6\n"));
        Assert.Equal("zip: text, flag: boolean, n: number", source.Schema.ToString());
        Assert.Equal(["00501|True|5", "10001|False|6"], await source.Rows());
        await Assert.ThrowsAsync<UnknownColumnException>(() => Reading.Open(
            options with { Types = options.Types.Add("zap", DataType.Text) }, _data["a.csv"]));
    }

    [Fact]
    public async Task Numbers_that_are_not_finite_and_missing_words_are_missing()
    {
        var path = _data.Write("a.csv", "x,name\n1.5,NA\nNaN,n/a\ninf,\n-Infinity,x\nNA,null\n\"\",\"\"\n");
        Assert.Equal(["1.5|NA", "·|n/a", "·|·", "·|x", "·|null", "·|·"], await (await Reading.Open(path)).Rows());
        var options = new ReadOptions { MissingTexts = ["NA", "x", "-1"] };
        Assert.Equal(["1.5|·", "·|n/a", "·|·", "·|·", "·|null", "·|·"], await (await Reading.Open(options, path)).Rows());
        Assert.Equal(["·|3"], await (await Reading.Open(options, _data.Write("b.csv", "a,b\n-1,3\n"))).Rows());
    }

    [Fact]
    public async Task Timestamps_are_read_in_the_form_given()
    {
        var options = new ReadOptions { TimestampFormat = "MM/dd/yyyy hh:mm:ss tt" };
        var source = await Reading.Open(options, _data.Write("a.csv", "t\n09/01/2019 12:00:00 AM\n09/02/2019 01:30:00 PM\n"));
        Assert.Equal(["2019-09-01", "2019-09-02T13:30:00"], await source.Rows());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2047)]
    [InlineData(2048)]
    [InlineData(8191)]
    [InlineData(8192)]
    [InlineData(8193)]
    [InlineData(20_000)]
    public async Task All_rows_come_in_order_whatever_their_number(int rows)
    {
        var path = _data.Write("a.csv", "i,t\n" +
            string.Concat(Enumerable.Range(0, rows).Select(row => $"{row},\"t\n{row}\"\n")));
        Assert.Equal(Enumerable.Range(0, rows).Select(row => $"t\n{row}|{row}"), await (await Reading.Open(path)).Rows("t", "i"));
    }

    [Fact]
    public async Task A_field_longer_than_the_window_is_read()
    {
        var text = new string('x', 700_000) + "\"\n," + new string('y', 700_000);
        var source = await Reading.Open(_data.Write("a.csv", $"a,b\n1,\"{text.Replace("\"", "\"\"")}\"\n2,z\n"));
        Assert.Equal([$"1|{text}", "2|z"], await source.Rows());
    }

    [Fact]
    public async Task One_column_takes_empty_lines_for_missing_values()
    {
        Assert.Equal(["1", "·", "·", "3"], await (await Reading.Open(_data.Write("a.csv", "x\n1\n\n\"\"\n3\n"))).Rows());
    }

    [Fact]
    public async Task The_yellow_taxi_months_are_one_data_set()
    {
        var folder = Path.GetDirectoryName(SharedData.File("taxi_yellow_monthly/yellow_tripdata_sample_2018-01.csv"))!;
        var source = await Reading.Open(Path.Combine(folder, "*.csv"));
        Assert.Equal(30, source.Splits.Count);
        // Missing in all of 2018: the type comes from the later months.
        Assert.Equal(DataType.Float64, source.Schema["congestion_surcharge"].Type);
        Assert.Equal(DataType.Timestamp, source.Schema["pickup_datetime"].Type);
        Assert.Equal(300_000, (await source.Rows("fare_amount")).Count);
    }
}
