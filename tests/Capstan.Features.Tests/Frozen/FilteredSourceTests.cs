using Capstan.Data;
using static Capstan.Features.Tests.Rows;

namespace Capstan.Features.Tests;

public sealed class FilteredSourceTests
{
    static async Task<List<object?>> Read(IBatchSource source, string column)
    {
        var values = new List<object?>();
        await foreach (var batch in source.ReadAllAsync([column], TestContext.Current.CancellationToken))
        {
            Assert.Equal([column], batch.Schema.Names);
            values.AddRange(Enumerable.Range(0, batch.RowCount).Select(row => batch.Columns[0].ValueAt(row)));
        }

        return values;
    }

    static MemorySource Trips()
    {
        var rows = Of(Numbers("fare", 1, 5, null, -3, 9), Texts("who", "a", "b", "c", null, "e"));
        return new MemorySource(rows.Schema, [rows, rows]);
    }

    [Fact]
    public async Task Rows_stay_where_the_condition_is_true_not_where_it_is_false_or_missing()
    {
        Assert.Equal(["b", "e", "b", "e"], await Read(new FilteredSource(Trips(), ExprParser.Parse("fare > 2")), "who"));
        Assert.Equal([1.0, -3.0, 1.0, -3.0], await Read(new FilteredSource(Trips(), ExprParser.Parse("not fare > 2")), "fare"));
    }

    [Fact]
    public async Task A_condition_that_no_row_meets_leaves_none() => Assert.Empty(await Read(new FilteredSource(Trips(), ExprParser.Parse("fare > 1000")), "who"));

    [Fact]
    public void How_many_rows_stay_only_reading_tells_and_the_fingerprint_names_the_condition()
    {
        var filtered = new FilteredSource(Trips(), ExprParser.Parse("fare > 2"));
        Assert.Null(filtered.RowCount());
        Assert.EndsWith(" where fare > 2", filtered.Fingerprint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fare", "expected a condition such as fare > 0")]
    [InlineData("fare > mean(fare)", "statistics over the data are not possible here")]
    [InlineData("fair > 0", "Did you mean 'fare'?")]
    public void What_is_no_condition_is_refused(string text, string message) => Assert.Contains(
        message, Assert.ThrowsAny<ArgumentException>(() => new FilteredSource(Trips(), ExprParser.Parse(text))).Message, StringComparison.Ordinal);
}
