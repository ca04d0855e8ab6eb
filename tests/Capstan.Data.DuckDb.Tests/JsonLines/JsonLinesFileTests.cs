using System.Collections.Immutable;

namespace Capstan.Data.DuckDb.Tests.JsonLines;

public sealed class JsonLinesFileTests : IDisposable
{
    readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Types_are_found_and_values_read()
    {
        var path = _data.Write("a.jsonl", """
            {"id":1,"x":2,"late":true,"when":"2001-03-31","name":"a\u00e9\n","inner":{"k":[1,2]}}
            {"name":null,"x":2.5,"id":-9223372036854775808, "extra" : "e"}

            { }
            {"late":false,"inner":"text","x":null,"when":"2001-03-31T10:00:00Z","name":""}
            """);
        var source = await Reading.Open(path);
        Assert.Equal("id: int, x: number, late: boolean, when: timestamp, name: text, inner: text, extra: text",
            source.Schema.ToString());
        Assert.Equal(
            [
                "1|2|True|2001-03-31|aé\n|{\"k\":[1,2]}|·", "-9223372036854775808|2.5|·|·|·|·|e", "·|·|·|·|·|·|·",
                "·|·|False|2001-03-31T10:00:00||text|·",
            ], await source.Rows());
        Assert.Equal(["e|-9223372036854775808"], (await source.Rows("extra", "id")).Skip(1).Take(1));
    }

    [Fact]
    public async Task Declared_types_take_values_in_strings_and_numbers_as_text()
    {
        var options = new ReadOptions
        {
            Types = new Dictionary<string,
            DataType> { ["x"] = DataType.Float64, ["code"] = DataType.Text }.ToImmutableDictionary(),
        };
        var path = _data.Write("a.ndjson",
            "{\"x\":\"1.5\",\"code\":1.50}\n{\"x\":\"NA\",\"code\":true}\n{\"x\":2,\"code\":[ ]}\n");
        Assert.Equal(["1.5|1.50", "·|true", "2|[ ]"], await (await Reading.Open(options, path)).Rows());
    }

    [Fact]
    public async Task Gzip_and_a_mark_are_no_obstacle()
    {
        Assert.Equal(["1"], await (await Reading.Open(_data.WriteGzip("a.json.gz", "\ufeff{\"a\":1}\n"))).Rows());
        Assert.Equal(["1"], await (await Reading.Open(_data.Write("a.json", "\ufeff{\"a\":1}"))).Rows());
    }

    [Fact]
    public async Task Columns_not_in_the_sample_are_not_read()
    {
        var path = _data.Write("a.jsonl",
            string.Concat(Enumerable.Range(0, 1500).Select(row => row < 1000 ? "{\"a\":1}\n" : "{\"late\":[{}],\"a\":2}\n")));
        var source = await Reading.Open(new ReadOptions { SampleRows = 1000 }, path);
        Assert.Equal(["a"], source.Schema.Names);
        Assert.Equal(2000, (await source.Rows()).Sum(int.Parse));
    }

    [Theory]
    [InlineData("[{\"a\":1}]", "jq -c '.[]'")]
    [InlineData("a,b\n1,2\n", "none of its first 2 lines is a JSON object")]
    [InlineData("\n \n", "empty lines")]
    [InlineData("", "it is empty")]
    public async Task What_is_not_json_lines_is_said(string text, string expected)
    {
        var problem = await Assert.ThrowsAsync<UnreadableDataException>(() => Reading.Open(_data.Write("a.json", text)));
        Assert.Contains(expected, problem.Message);
        Assert.Equal(_data["a.json"], problem.File);
    }

    [Fact]
    public async Task An_endless_line_is_one_bad_row()
    {
        var path = _data.Write("a.jsonl", "{\"a\":1}\n{\"a\":\"" + new string('x', TextWindow.MaxRecordBytes + 100) +
            "\"}\n{\"a\":3}\n");
        var source = await Reading.Open(new ReadOptions { OnBadRow = BadRowPolicy.Skip }, path);
        Assert.Equal(["1", "3"], await source.Rows());
        Assert.Equal(2, Assert.Single(source.BadRows.Files[0].Examples).LineNumber);
    }
}
