using System.Collections.Immutable;

namespace Capstan.Data.DuckDb.Tests.BadRows;

/// <summary>Values that can't be read, by the policy that takes them for missing.</summary>
public sealed class MissingValuesTests : IDisposable
{
    static readonly ReadOptions Nulling = new()
    {
        OnBadRow = BadRowPolicy.Null,
        Types = ImmutableDictionary<string, DataType>.Empty.Add("a", DataType.Int64).Add("b", DataType.Float64),
    };

    readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("a.csv", "a,b\n1,x\n1.5,2\nbroken\ny,z\n")]
    [InlineData("a.jsonl", "{\"a\":1,\"b\":\"x\"}\n{\"a\":1.5,\"b\":2}\nbroken\n{\"a\":\"y\",\"b\":\"z\"}\n")]
    public async Task Values_become_missing_rows_that_are_broken_are_left_out_and_both_are_counted(string name, string text)
    {
        var source = await Reading.Open(Nulling, _data.Write(name, text));
        var shift = name == "a.csv" ? 1 : 0;
        for (var pass = 0; pass < 2; pass++)
        {
            Assert.Equal(["1|·", "·|2", "·|·"], await source.Rows());
            Assert.Equal(1, source.BadRows.Count);
            Assert.Equal(
                [("b", 2L, "x"), ("a", 2L, "1.5")],
                source.BadRows.MadeMissing.Select(column => (column.Column, column.Count, column.Examples[0].Found)));
            Assert.Equal([1L + shift, 4L + shift], source.BadRows.MadeMissing[0].Examples.Select(example => example.LineNumber));
        }

        Assert.Equal(["1", "·", "·"], await source.Rows("a"));
        Assert.Equal(2, source.BadRows.MadeMissing.Length);
        Assert.Contains("column 'a': 2 values made missing; the first:", source.BadRows.ToString());
        Assert.Contains("1 row left out", source.BadRows.ToString());
    }

    [Theory]
    [InlineData("a.parquet")]
    [InlineData("a.arrow")]
    public async Task Cells_of_typed_files_that_a_declared_type_does_not_fit_are_missing_too(string name)
    {
        var schema = new Schema([new("a", DataType.Text), new("b", DataType.Float64)]);
        var builder = new BatchBuilder(schema);
        foreach (var text in new[] { "1", "two", "3" })
        {
            builder.Columns[0].Append(text);
            builder.Columns[1].Append(0.5);
        }

        await using (var sink = DataSinks.Create(_data[name], schema))
        {
            await sink.WriteAsync(builder.Batch, TestContext.Current.CancellationToken);
            await sink.CompleteAsync(TestContext.Current.CancellationToken);
        }

        var source = await Reading.Open(Nulling, _data[name]);
        Assert.Equal(["1|0.5", "·|0.5", "3|0.5"], await source.Rows());
        var column = Assert.Single(source.BadRows.MadeMissing);
        Assert.Equal(("a", 1L, "two", 2L), (column.Column, column.Count, column.Examples[0].Found, column.Examples[0].LineNumber));
        Assert.Equal(0, source.BadRows.Count);
    }

    [Fact]
    public async Task The_policy_is_part_of_what_names_the_content()
    {
        var path = _data.Write("a.csv", "a,b\n1,2\n");
        var skipping = await Reading.Open(Nulling with { OnBadRow = BadRowPolicy.Skip }, path);
        Assert.NotEqual(skipping.Fingerprint, (await Reading.Open(Nulling, path)).Fingerprint);
    }
}
