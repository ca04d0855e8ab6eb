namespace Capstan.Data.Tests.Sources;

public sealed class RowSubsetLaws
{
    /// <summary>Every key column, and "" for none: rows by their place.</summary>
    public static TheoryData<string> Keys => ["", .. Batches.AllTypes.Names];

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Touching_shares_part_the_rows(string key)
    {
        var source = Batches.Source(Batches.Random(seed: 1, rows: 20_000), 8192);
        var all = await source.Rows();
        var parts = new List<string>();
        foreach (var (from, to) in new[] { (0, 100), (100, 100), (100, 750), (750, 1000) })
        {
            parts.AddRange(await RowSubset.ByHash(source, ColumnOf(key), 42, from, to).Rows());
        }

        Assert.Equal(all.Order(StringComparer.Ordinal), parts.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Batch_boundaries_and_projection_change_nothing(string key)
    {
        var rows = Batches.Random(seed: 2, rows: 9_000);
        var expected = await RowSubset.ByHash(Batches.Source(rows, 8192), ColumnOf(key), 7, 0, 800).Rows("name", "x");
        Assert.InRange(expected.Count, 1, 8_999);
        foreach (var batchRows in new[] { 1, 63, 2048, 9_000 })
        {
            Assert.Equal(expected,
                await RowSubset.ByHash(Batches.Source(rows, batchRows), ColumnOf(key), 7, 0, 800).Rows("name", "x"));
        }
    }

    [Fact]
    public async Task A_share_is_about_as_large_as_asked()
    {
        var source = Batches.Source(Batches.Random(seed: 3, rows: 50_000), 8192);
        // Five standard deviations of a binomial with p = 0.2.
        Assert.InRange((await RowSubset.ByHash(source, null, 5, 0, 200).Rows("id")).Count, 10_000 - 450, 10_000 + 450);
    }

    [Fact]
    public async Task Equal_keys_are_on_the_same_side()
    {
        var source = Batches.Source(Batches.Random(seed: 4, rows: 5_000), 500);
        var left = (await RowSubset.ByHash(source, "id", 3, 0, 500).Rows("id")).ToHashSet();
        var right = (await RowSubset.ByHash(source, "id", 3, 500, 1000).Rows("id")).ToHashSet();
        Assert.NotEmpty(left);
        Assert.NotEmpty(right);
        Assert.Empty(left.Intersect(right));
    }

    [Fact]
    public async Task Touching_times_part_the_rows_missing_ones_too()
    {
        var source = Batches.Source(Batches.Random(seed: 5, rows: 5_000), 1000);
        var parts = (await RowSubset.ByTime(source, "at", null, 0).Rows()).Concat(
            await RowSubset.ByTime(source, "at", 0, null).Rows());
        Assert.Equal((await source.Rows()).Order(StringComparer.Ordinal), parts.Order(StringComparer.Ordinal));
    }

    static string? ColumnOf(string key) => key.Length == 0 ? null : key;
}
