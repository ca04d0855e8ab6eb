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
        Assert.Equal("id: int, x: number, late: boolean, when: timestamp, name: text, inner: text, inner.k: text, extra: text",
            source.Schema.ToString());
        Assert.Equal(
            [
                "1|2|True|2001-03-31|aé\n|·|[1,2]|·", "-9223372036854775808|2.5|·|·|·|·|·|e", "·|·|·|·|·|·|·|·",
                "·|·|False|2001-03-31T10:00:00||text|·|·",
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
    public async Task Arrays_of_texts_are_lists_and_other_arrays_are_text()
    {
        var path = _data.Write("a.jsonl", """
            {"tags":["a","b\u00e9",null],"mixed":["a",1]}
            {"tags":[],"mixed":[]}
            {"tags":null,"mixed":[2]}
            {"mixed":["x"]}
            """);
        var source = await Reading.Open(path);
        Assert.Equal("tags: list, mixed: text", source.Schema.ToString());
        var lists = new List<string>();
        await foreach (var batch in source.ReadAllAsync(["tags"], TestContext.Current.CancellationToken))
        {
            lists.AddRange(Enumerable.Range(0, batch.RowCount).Select(row => batch["tags"].ValueAt(row) is string[] items ? $"[{string.Join(",", items)}]" : "missing"));
        }

        Assert.Equal(["[a,bé]", "[]", "missing", "missing"], lists);
    }

    [Fact]
    public async Task What_is_no_array_of_texts_is_a_bad_row_of_a_list_column()
    {
        var options = new ReadOptions { Types = ImmutableDictionary.Create<string, DataType>().Add("tags", DataType.TextList) };
        foreach (var bad in new[] { "{\"tags\":[1]}", "{\"tags\":\"a\"}", "{\"tags\":{\"a\":1}}" })
        {
            var refused = await Assert.ThrowsAsync<BadRowException>(async () => await (await Reading.Open(options, _data.Write("bad.jsonl", "{\"tags\":[\"a\"]}\n" + bad))).Rows());
            Assert.Contains("an array of texts", refused.Message, StringComparison.Ordinal);
        }
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

    [Fact]
    public async Task Objects_within_give_columns_named_by_their_path()
    {
        var path = _data.Write("a.jsonl", """
            {"user":{"age":41,"name":{"first":"A","last":null}},"n":1}
            {"n":2,"user":{"name":{"last":"\u00e9"},"age":43,"\u0078":true}}
            {"user":null,"n":3}
            {"user.age":44,"n":4}
            {"user":{},"n":5}
            """);
        var source = await Reading.Open(path);
        Assert.Equal(
            "user.age: int, user.name.first: text, user.name.last: text, n: int, user.x: boolean", source.Schema.ToString());
        Assert.Equal(["41|A|·|1|·", "43|·|é|2|True", "·|·|·|3|·", "44|·|·|4|·", "·|·|·|5|·"], await source.Rows());
        Assert.Equal(["·|41", "é|43", "·|·", "·|44", "·|·"], await source.Rows("user.name.last", "user.age"));
    }

    [Fact]
    public async Task A_value_within_an_object_that_is_broken_or_there_twice_is_a_bad_row_by_its_path()
    {
        var good = string.Concat(Enumerable.Repeat("{\"a\":{\"b\":1}}\n", 20));
        foreach (var (bad, expected) in new[] { ("{\"a\":{\"b\":\"x\"}}", "an integer"), ("{\"a\":{\"b\":1,\"b\":2}}", "once"), ("{\"a.b\":1,\"a\":{\"b\":2}}", "once") })
        {
            var source = await Reading.Open(_data.Write("a.jsonl", good + bad + "\n" + good));
            var failure = await Assert.ThrowsAsync<BadRowException>(() => source.Rows());
            Assert.Equal((21, "a.b"), (failure.LineNumber, failure.Column));
            Assert.Contains(expected, failure.Expected);
            var skipping = await Reading.Open(new ReadOptions { OnBadRow = BadRowPolicy.Skip }, _data["a.jsonl"]);
            Assert.Equal(40, (await skipping.Rows()).Count);
        }
    }

    [Fact]
    public async Task An_object_declared_as_text_or_with_very_many_names_stays_text()
    {
        var path = _data.Write("a.jsonl", "{\"a\":{\"b\":1},\"c\":2}\n");
        var options = new ReadOptions { Types = ImmutableDictionary<string, DataType>.Empty.Add("a", DataType.Text) };
        Assert.Equal(["{\"b\":1}|2"], await (await Reading.Open(options, path)).Rows());

        var counts = string.Concat(Enumerable.Range(0, 300).Select(row => $"{{\"by_user\":{{\"u{row}\":{{\"n\":1}}}},\"x\":{row}}}\n"));
        var source = await Reading.Open(_data.Write("b.jsonl", counts));
        Assert.Equal("by_user: text, x: int", source.Schema.ToString());
        Assert.Equal("{\"u299\":{\"n\":1}}|299", (await source.Rows())[^1]);
    }

    [Fact]
    public async Task Deeper_objects_than_a_parser_takes_are_bad_rows()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 70)) + "1" + new string('}', 70);
        var source = await Reading.Open(new ReadOptions { OnBadRow = BadRowPolicy.Skip }, _data.Write("a.jsonl", $"{{\"a\":1}}\n{deep}\n"));
        Assert.Equal(["a"], source.Schema.Names);
        Assert.Equal(["1"], await source.Rows());
        Assert.Equal(1, source.BadRows.Count);
    }
}
