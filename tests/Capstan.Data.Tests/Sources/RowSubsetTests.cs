namespace Capstan.Data.Tests.Sources;

public sealed class RowSubsetTests
{
    static MemorySource Times(params long?[] times)
    {
        var builder = new BatchBuilder(new Schema([new("at", DataType.Timestamp), new("id", DataType.Int64)]));
        for (var row = 0; row < times.Length; row++)
        {
            if (times[row] is long time)
            {
                builder.Columns[0].Append(time);
            }
            else
            {
                builder.Columns[0].AppendMissing();
            }

            builder.Columns[1].Append((long)row);
        }

        return new MemorySource(builder.Batch.Schema, [builder.Batch]);
    }

    [Fact]
    public async Task Times_are_selected_from_the_first_and_before_the_last()
    {
        var source = Times(10, 20, 30, 40);
        Assert.Equal(["1", "2"], await RowSubset.ByTime(source, "at", 20, 40).Rows("id"));
        Assert.Equal(["0"], await RowSubset.ByTime(source, "at", null, 20).Rows("id"));
        Assert.Equal(["3"], await RowSubset.ByTime(source, "at", 31, null).Rows("id"));
        Assert.Empty(await RowSubset.ByTime(source, "at", 20, 20).Rows("id"));
    }

    [Fact]
    public async Task A_missing_time_is_older_than_all()
    {
        var source = Times(10, null, 30);
        Assert.Equal(["0", "1"], await RowSubset.ByTime(source, "at", null, 20).Rows("id"));
        Assert.Equal(["2"], await RowSubset.ByTime(source, "at", 20, null).Rows("id"));
        Assert.Equal(["0", "2"], await RowSubset.ByTime(source, "at", 0, null).Rows("id"));
    }

    [Fact]
    public void Mistakes_are_named()
    {
        var source = Times(10);
        Assert.Contains("is int", Assert.Throws<ArgumentException>(() => RowSubset.ByTime(source, "id", 0, null)).Message);
        Assert.Contains("earlier", Assert.Throws<ArgumentException>(() => RowSubset.ByTime(source, "at", 5, 4)).Message);
        Assert.Throws<UnknownColumnException>(() => RowSubset.ByTime(source, "when", 0, null));
        Assert.Throws<UnknownColumnException>(() => RowSubset.ByHash(source, "key", 0, 0, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => RowSubset.ByHash(source, "id", 0, 0, 1001));
        Assert.Throws<ArgumentOutOfRangeException>(() => RowSubset.ByHash(source, "id", 0, 5, 4));
    }

    [Fact]
    public async Task Equal_numbers_stay_together_whatever_their_zero()
    {
        var builder = new BatchBuilder(new Schema([new("x", DataType.Float64)]));
        builder.Columns[0].Append(0.0);
        builder.Columns[0].Append(-0.0);
        var source = new MemorySource(builder.Batch.Schema, [builder.Batch]);
        for (var seed = 0u; seed < 20; seed++)
        {
            Assert.NotEqual(1, (await RowSubset.ByHash(source, "x", seed, 0, 500).Rows()).Count);
        }
    }

    [Fact]
    public async Task A_cancelled_reading_ends()
    {
        var source = RowSubset.ByTime(Times(10, 20), "at", null, null);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var batch in source.ReadAllAsync(["id"], new CancellationToken(canceled: true)))
            {
                Assert.Fail($"{batch.RowCount} rows came");
            }
        });
    }

    [Fact]
    public void Fingerprints_tell_subsets_apart()
    {
        var source = Times(10);
        IBatchSource[] subsets =
        [
            source, RowSubset.ByHash(source, "id", 1, 0, 800), RowSubset.ByHash(source, "id", 2, 0, 800),
            RowSubset.ByHash(source, "id", 1, 800, 1000),
            RowSubset.ByHash(source, null, 1, 0, 800), RowSubset.ByTime(source, "at", 1, null),
            RowSubset.ByTime(source, "at", null, 1),
        ];
        Assert.Equal(subsets.Length, subsets.Select(subset => subset.Fingerprint).Distinct().Count());
        Assert.Equal(RowSubset.ByHash(source, "id", 1, 0, 800).Fingerprint, subsets[1].Fingerprint);
    }
}
