namespace Capstan.Data.Tests.Validation;

public sealed class FeatureSkewJoinTests
{
    static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    static readonly Schema Columns = new([new("id", DataType.Int64), new("x", DataType.Float64), new("w", DataType.Text), new("tags", DataType.TextList)]);

    sealed record Row(long? Id, double? X, string? W, params string[]? Tags);

    [Fact]
    public async Task Values_of_the_same_key_are_compared_in_whatever_order_they_come()
    {
        var mine = Source(new Row(1, 1, "a", "t"), new Row(2, 2, "b"), new Row(3, null, "c"), new Row(4, 4, null), new Row(5, null, null, null));
        var other = Source(new Row(5, null, null, null), new Row(4, 4.0000001, "d"), new Row(3, 3, "c", "t"), new Row(2, 2.5, "b"), new Row(1, 1, "a", "t"));
        var skew = await Compare(mine, other);
        Assert.Equal((5, 0, 0, 0, 0), (skew.Joined, skew.OnlyMine, skew.OnlyOther, skew.Repeated, skew.WithoutKey));
        Assert.Equal(
            [
                "x: 2 match, 1 near, 1 mismatch, 0 only mine, 1 only other: 2: 2 / 2.5, 3: missing / 3",
                "w: 4 match, 0 near, 0 mismatch, 0 only mine, 1 only other: 4: missing / d",
                "tags: 4 match, 0 near, 1 mismatch, 0 only mine, 0 only other: 3: [] / [\"t\"]",
            ],
            skew.Columns.Select(Show));
        Assert.True(skew.HasDifferences);
        Assert.False((await Compare(mine, mine)).HasDifferences);
    }

    [Fact]
    public async Task Keys_of_one_side_repeated_ones_and_missing_ones_are_counted_and_not_compared()
    {
        var mine = Source(new Row(1, 1, "a"), new Row(2, 2, "a"), new Row(2, 2, "a"), new Row(7, 1, "a"), new Row(7, 1, "a"), new Row(null, 1, "a"), new Row(8, 1, "a"));
        var other = Source(new Row(1, 1, "a"), new Row(2, 9, "z"), new Row(3, 1, "a"), new Row(3, 1, "a"), new Row(4, 1, "a"), new Row(null, 1, "a"));
        var skew = await Compare(mine, other);
        Assert.Equal((1, 1, 1, 3, 2), (skew.Joined, skew.OnlyMine, skew.OnlyOther, skew.Repeated, skew.WithoutKey));
        Assert.False(skew.HasDifferences);
    }

    [Fact]
    public async Task Whole_numbers_are_compared_with_others_and_columns_of_one_side_are_named()
    {
        var whole = new BatchBuilder(new Schema([new("id", DataType.Int64), new("x", DataType.Int64), new("w", DataType.Boolean), new("extra", DataType.Text)]));
        whole.Columns[0].Append(1L);
        whole.Columns[1].Append(2L);
        whole.Columns[2].Append(true);
        whole.Columns[3].AppendMissing();
        var skew = await Compare(Source(new Row(1, 2, "true")), new MemorySource(whole.Batch.Schema, [whole.Batch]));
        Assert.Equal(["x: 1 match, 0 near, 0 mismatch, 0 only mine, 0 only other: "], skew.Columns.Select(Show));
        Assert.Equal(["w", "tags", "extra"], skew.NotCompared);
    }

    [Fact]
    public async Task Keys_of_several_columns_are_one_key()
    {
        var rows = Source(new Row(1, 1, "a"), new Row(1, 2, "b"), new Row(2, 3, "a"));
        var skew = await FeatureSkewJoin.OfAsync(rows, rows, new FeatureSkewOptions { Keys = ["w", "id"] }, Token);
        Assert.Equal((3, 0), (skew.Joined, skew.Repeated));
        Assert.Equal(["x", "tags"], skew.Columns.Select(column => column.Column));
    }

    [Fact]
    public async Task What_does_not_fit_into_memory_is_compared_in_parts_with_the_same_result()
    {
        var random = new Random(8);
        var mine = Source([.. Enumerable.Range(0, 5000).Select(id => new Row(id % 4500, random.Next(5), $"{id % 9}"))]);
        var other = Source([.. Enumerable.Range(0, 5000).Select(id => new Row((id * 7) % 4800, random.Next(5), $"{id % 9}"))]);
        var whole = await Compare(mine, other);
        var parted = await FeatureSkewJoin.OfAsync(mine, other, new FeatureSkewOptions { Keys = ["id"], MemoryBytes = 40_000, MostExamples = 0 }, Token);
        Assert.Equal(whole.Columns.Select(column => Show(column with { Examples = [] })), parted.Columns.Select(Show));
        Assert.Equal(
            (whole.Joined, whole.OnlyMine, whole.OnlyOther, whole.Repeated), (parted.Joined, parted.OnlyMine, parted.OnlyOther, parted.Repeated));
        Assert.True(whole.Joined > 3000);
    }

    [Fact]
    public async Task Keys_that_join_nothing_are_refused()
    {
        var rows = Source(new Row(1, 1, "a"));
        await Assert.ThrowsAsync<UnknownColumnException>(() => FeatureSkewJoin.OfAsync(rows, rows, new FeatureSkewOptions { Keys = ["no"] }, Token));
        await Assert.ThrowsAsync<ArgumentException>(() => FeatureSkewJoin.OfAsync(rows, rows, new FeatureSkewOptions { Keys = [] }, Token));
        var refused = await Assert.ThrowsAsync<SkewKeyException>(
            () => FeatureSkewJoin.OfAsync(rows, rows, new FeatureSkewOptions { Keys = ["tags"] }, Token));
        Assert.Contains("not by lists", refused.Message);
    }

    static Task<FeatureSkew> Compare(IBatchSource mine, IBatchSource other) =>
        FeatureSkewJoin.OfAsync(mine, other, new FeatureSkewOptions { Keys = ["id"] }, Token);

    static string Show(ColumnSkew column) =>
        $"{column.Column}: {column.Matches} match, {column.NearMatches} near, {column.Mismatches} mismatch, {column.OnlyMine} only mine, {column.OnlyOther} only other: " +
        string.Join(", ", column.Examples.Select(each => $"{each.Key}: {each.Mine ?? "missing"} / {each.Other ?? "missing"}"));

    static MemorySource Source(params Row[] rows)
    {
        var builder = new BatchBuilder(Columns);
        foreach (var row in rows)
        {
            Append(builder.Columns[0], row.Id, (column, value) => column.Append(value!.Value));
            Append(builder.Columns[1], row.X, (column, value) => column.Append(value!.Value));
            Append(builder.Columns[2], row.W, (column, value) => column.Append(value!));
            Append(builder.Columns[3], row.Tags, (column, value) =>
            {
                foreach (var item in value!)
                {
                    column.Items.Append(item);
                }

                column.AppendList();
            });
        }

        return Batches.Source(builder.Batch, 3000);
    }

    static void Append<T>(ColumnBuilder column, T value, Action<ColumnBuilder, T> append)
    {
        if (value is null)
        {
            column.AppendMissing();
        }
        else
        {
            append(column, value);
        }
    }
}
