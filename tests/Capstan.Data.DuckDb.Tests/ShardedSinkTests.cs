namespace Capstan.Data.DuckDb.Tests;

public sealed class ShardedSinkTests : IDisposable
{
    static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData(1000, 4)]
    [InlineData(1500, 3)]
    [InlineData(4000, 1)]
    [InlineData(9999, 1)]
    public async Task Files_hold_their_number_of_rows_and_together_all_in_order(long rowsPerFile, int files)
    {
        var rows = RandomTable.Of(seed: 5, 4000);
        await using (var sink = DataSinks.CreateShards(_data["a.parquet"], rows.Schema, rowsPerFile))
        {
            await sink.WriteAsync(rows, Token);
            await sink.CompleteAsync(Token);
        }

        Assert.Equal(
            Enumerable.Range(0, files).Select(index => _data[$"a-{index:00000}.parquet"]), DataSinks.Shards(_data["a.parquet"]));
        var source = await Reading.Open(_data["a-*.parquet"]);
        Assert.Equal(Enumerable.Range(0, 4000).Select(row => $"{row}"), await source.Rows("present"));
        Assert.Equal(Math.Min(rowsPerFile, 4000), source.Splits[0].RowCount);
    }

    [Fact]
    public async Task Nothing_is_left_of_what_was_not_completed()
    {
        await using (var sink = DataSinks.CreateShards(_data["a.csv"], RandomTable.Schema, 10))
        {
            await sink.WriteAsync(RandomTable.Of(seed: 6, 35), Token);
            Assert.Equal(3, DataSinks.Shards(_data["a.csv"]).Count);
        }

        Assert.Empty(Directory.EnumerateFiles(_data.Path));
    }

    [Fact]
    public void What_makes_no_files_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => DataSinks.CreateShards("a.csv", RandomTable.Schema, 0));
        Assert.Throws<ArgumentException>(() => DataSinks.CreateShards("a.xlsx", RandomTable.Schema, 1));
        Assert.Empty(DataSinks.Shards(_data["nowhere/a.csv"]));
    }
}
