using Capstan.Data;

namespace Capstan.Conformance.Tests;

/// <summary>What <see cref="IBatchSource"/> promises, asked of every source in <see cref="Sources"/>.</summary>
public sealed class SourceConformance : IDisposable
{
    static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    readonly string _folder = Directory.CreateTempSubdirectory("capstan-sources-").FullName;

    public static IEnumerable<TheoryDataRow<string>> Names => Sources.All.Keys.Select(name => new TheoryDataRow<string>(name));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Its_schema_has_the_columns_with_their_types(string name) =>
        Assert.Equal(SourceTable.Schema.Fields, (await OpenAsync(name)).Schema.Fields.Where(field => field.Name != "Part"));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_gives_all_values_of_all_types_twice_the_same(string name)
    {
        var source = await OpenAsync(name);
        for (var reading = 0; reading < 2; reading++)
        {
            await AssertRowsAsync(source, [.. SourceTable.Schema.Names]);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_gives_the_columns_asked_for_in_the_order_asked(string name)
    {
        var source = await OpenAsync(name);
        await AssertRowsAsync(source, ["At", "Id"]);
        await AssertRowsAsync(source, ["Name"]);
        await AssertRowsAsync(source, ["Flag", "Name", "X", "Id", "At"]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Its_splits_are_stable_and_their_concatenation_is_the_whole(string name)
    {
        var source = await OpenAsync(name);
        Assert.Equal(Enumerable.Range(0, source.Splits.Count), source.Splits.Select(split => split.Index));
        Assert.Equal(source.Splits, source.Splits.ToArray());
        var whole = await IdsAsync(source.ReadAllAsync(["Id"], Token));
        var parts = new List<object?>();
        foreach (var split in source.Splits.Reverse())
        {
            var ids = await IdsAsync(source.ReadAsync(split, ["Id"], Token));
            Assert.Equal(split.RowCount ?? ids.Count, ids.Count);
            parts.InsertRange(0, ids);
        }

        Assert.Equal(whole, parts);
        Assert.Equal(source.RowCount() ?? SourceTable.RowCount, whole.Count);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Two_readings_at_the_same_time_do_not_disturb_each_other(string name)
    {
        var source = await OpenAsync(name);
        await using var one = source.ReadAllAsync(["Id"], Token).GetAsyncEnumerator(Token);
        Assert.True(await one.MoveNextAsync());
        var first = one.Current["Id"].ValueAt(0);
        await using var other = source.ReadAllAsync(["Name", "Id"], Token).GetAsyncEnumerator(Token);
        Assert.True(await other.MoveNextAsync());
        while (await other.MoveNextAsync())
        {
        }

        Assert.Equal(first, one.Current["Id"].ValueAt(0));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_cancelled_reading_ends_and_the_next_one_is_whole(string name)
    {
        var source = await OpenAsync(name);
        using var cancelling = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var batch in source.ReadAllAsync(["Id"], cancelling.Token))
            {
                cancelling.Cancel();
            }
        });
        Assert.Equal(SourceTable.RowCount, (await IdsAsync(source.ReadAllAsync(["Id"], Token))).Count);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_column_that_is_not_there_is_refused_with_the_nearest(string name)
    {
        var source = await OpenAsync(name);
        var failure = await Assert.ThrowsAsync<UnknownColumnException>(() => IdsAsync(source.ReadAllAsync(["Idd"], Token)));
        Assert.Contains("'Id'", failure.Message);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Its_fingerprint_stays(string name)
    {
        var source = await OpenAsync(name);
        var fingerprint = source.Fingerprint;
        await IdsAsync(source.ReadAllAsync(["Id"], Token));
        Assert.Equal(fingerprint, source.Fingerprint);
        Assert.NotEmpty(fingerprint);
    }

    Task<IBatchSource> OpenAsync(string name) => Sources.All[name](_folder);

    static async Task<List<object?>> IdsAsync(IAsyncEnumerable<ColumnBatch> batches)
    {
        var ids = new List<object?>();
        await foreach (var batch in batches)
        {
            ids.AddRange(Enumerable.Range(0, batch.RowCount).Select(batch.Columns[^1].ValueAt));
        }

        return ids;
    }

    static async Task AssertRowsAsync(IBatchSource source, string[] columns)
    {
        var first = 0;
        await foreach (var batch in source.ReadAllAsync(columns, Token))
        {
            Assert.InRange(batch.RowCount, 1, 8192);
            Assert.Equal(columns, batch.Schema.Names);
            foreach (var column in columns)
            {
                for (var row = 0; row < batch.RowCount; row++)
                {
                    if (!Equals(SourceTable.Rows[column].ValueAt(first + row), batch[column].ValueAt(row)))
                    {
                        Assert.Fail($"Row {first + row} of '{column}' is {batch[column].ValueAt(row) ?? "missing"}, " +
                            $"expected {SourceTable.Rows[column].ValueAt(first + row) ?? "missing"}.");
                    }
                }
            }

            first += batch.RowCount;
        }

        Assert.Equal(SourceTable.RowCount, first);
    }
}
