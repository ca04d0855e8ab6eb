using System.Collections.Immutable;

namespace Capstan.Data.DuckDb.Tests.Files;

public sealed class PartitionTests : IDisposable
{
    readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_folder_of_partitions_is_one_table_with_their_columns()
    {
        Write("date=2020-01-01/city=A%2FB/a.csv", "x,name\n1,u\n2,v\n");
        Write("date=2020-01-02/city=__HIVE_DEFAULT_PARTITION__/b.jsonl", "{\"x\":3,\"name\":\"w\"}\n");
        Write("date=2020-01-02/_SUCCESS", "");
        Write("date=2020-01-02/.hidden.csv", "broken");
        Directory.CreateDirectory(_data["date=2020-01-02/city=C"]);
        WriteParquet("date=2020-01-02/city=C/c.parquet", "SELECT 4 AS x, 'z' AS name");
        var source = await Reading.Open(_data.Path);
        Assert.Equal("x: int, name: text, date: timestamp, city: text", source.Schema.ToString());
        string[] expected = ["1|u|2020-01-01|A/B", "2|v|2020-01-01|A/B", "4|z|2020-01-02|C", "3|w|2020-01-02|·"];
        Assert.Equal(expected, await source.Rows());
        Assert.Equal(expected, await (await Reading.Open(_data["**/*.*"])).Rows());
        Assert.Equal(expected, await (await Reading.Open(_data["date=*"])).Rows());
        Assert.Equal(expected, await (await Reading.Open(_data["date=*/**"])).Rows());
        Assert.Equal(expected[..2], await (await Reading.Open(_data["date=2020-01-01/*/a.csv"])).Rows());
    }

    [Fact]
    public async Task Any_projection_gives_the_same_values_in_any_order()
    {
        Write("p=1/a.csv", $"text,x\n{string.Concat(Enumerable.Range(0, 9000).Select(row => $"t,{row}\n"))}");
        WriteParquet("p=2/a.parquet", "SELECT 't' AS text, i AS x FROM range(9000) r(i)");
        await WriteArrowAsync("p=3/a.arrow", 9000);
        var source = await Reading.Open(_data.Path);
        Assert.Equal(DataType.Int64, source.Schema["p"].Type);
        var expected = Enumerable.Range(1, 3).SelectMany(part => Enumerable.Range(0, 9000).Select(row => $"{part}|{row}")).ToList();
        Assert.Equal(expected, await source.Rows("p", "x"));
        Assert.Equal(expected.Select(row => row.Split('|')[0]), await source.Rows("p"));
        Assert.Equal(expected.Select(row => $"{row.Split('|')[1]}|{row.Split('|')[0]}"), await source.Rows("x", "p"));
        Assert.Equal(3, source.Splits.Count);
    }

    [Theory]
    [InlineData("01", "2", "int", "1", "2")]
    [InlineData("1", "2.5", "number", "1", "2.5")]
    [InlineData("1", "east", "text", "1", "east")]
    [InlineData("true", "false", "boolean", "True", "False")]
    [InlineData("2020-01", "2020-01-31", "text", "2020-01", "2020-01-31")]
    [InlineData("", "", "text", "·", "·")]
    public async Task The_type_of_a_partition_fits_all_its_values(string first, string second, string type, string one, string two)
    {
        Write($"k={first}/a.csv", "x\n1\n");
        Write(first == second ? $"more/k={second}/b.csv" : $"k={second}/b.csv", "x\n1\n");
        var source = await Reading.Open(_data["**/a.csv"], _data["**/b.csv"]);
        Assert.Equal(type, Schema.NameOf(source.Schema["k"].Type));
        Assert.Equal([one, two], await source.Rows("k"));
    }

    [Fact]
    public async Task A_files_own_column_goes_before_its_folders_and_partitions_can_be_left_alone()
    {
        Write("k=9/a.csv", "k,x\n1,2\n");
        Assert.Equal(["1|2"], await (await Reading.Open(_data.Path)).Rows());
        Write("k=9/a.csv", "x\n2\n");
        Assert.Equal(["2|9"], await (await Reading.Open(_data["k=9/a.csv"])).Rows());
        Assert.Equal(["2"], await (await Reading.Open(new ReadOptions { Partitions = false }, _data.Path)).Rows());
    }

    [Fact]
    public async Task A_declared_type_that_a_folder_does_not_fit_is_said()
    {
        Write("k=east/a.csv", "x\n2\n");
        var options = new ReadOptions { Types = ImmutableDictionary<string, DataType>.Empty.Add("k", DataType.Int64) };
        var source = await Reading.Open(options, _data.Path);
        var failure = await Assert.ThrowsAsync<UnreadableDataException>(() => source.Rows());
        Assert.Contains("'k' is 'east', expected an integer", failure.Message);
        Write("k=1/k=2/a.csv", "x\n2\n");
        Assert.Contains("two of its folders",
            (await Assert.ThrowsAsync<UnreadableDataException>(() => Reading.Open(_data["k=1"]))).Message);
    }

    [Fact]
    public async Task Files_may_lack_columns_where_that_is_said()
    {
        Write("p=1/a.csv", "x,old\n1,o\n");
        Write("b.jsonl", "{\"x\":2.5,\"new\":true}\n");
        var refused = await Assert.ThrowsAsync<UnreadableDataException>(() => Reading.Open(_data.Path));
        Assert.Contains("--unite", refused.Message);
        var source = await Reading.Open(new ReadOptions { UniteColumns = true }, _data.Path);
        Assert.Equal("x: number, new: boolean, old: text, p: int", source.Schema.ToString());
        Assert.Equal(["2.5|True|·|·", "1|·|o|1"], await source.Rows());
        Assert.Equal(["·", "o"], await source.Rows("old"));
    }

    [Fact]
    public async Task A_folder_without_data_is_said()
    {
        Write("sub/readme.md", "no data");
        Assert.Contains("no data file", (await Assert.ThrowsAsync<UnreadableDataException>(() => Reading.Open(_data.Path))).Message);
        Assert.Contains("no file matches", (await Assert.ThrowsAsync<UnreadableDataException>(() => Reading.Open(_data["**/*.csv"]))).Message);
    }

    void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_data[name])!); // below the test's folder
        _data.Write(name, text);
    }

    void WriteParquet(string name, string query)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_data[name])!); // below the test's folder
        _data.WriteParquet("aside.parquet", query);
        File.Move(_data["aside.parquet"], _data[name]);
    }

    async Task WriteArrowAsync(string name, int rows)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_data[name])!); // below the test's folder
        var schema = new Schema([new("text", DataType.Text), new("x", DataType.Int64)]);
        var builder = new BatchBuilder(schema);
        for (var row = 0; row < rows; row++)
        {
            builder.Columns[0].Append("t");
            builder.Columns[1].Append((long)row);
        }

        await using var sink = DataSinks.Create(_data[name], schema);
        await sink.WriteAsync(builder.Batch, TestContext.Current.CancellationToken);
        await sink.CompleteAsync(TestContext.Current.CancellationToken);
    }
}
