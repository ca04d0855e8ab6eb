using System.Text;

namespace Capstan.Data.Tests.Summaries;

public sealed class TopValuesTests
{
    [Fact]
    public void Nothing_observed_is_exact_and_empty()
    {
        Assert.True(TopValues.Empty.IsExact);
        Assert.Empty(TopValues.Empty.Ordered());
        Assert.Equal(0, TopValues.Empty.CountOf("a"u8));
    }

    [Fact]
    public void The_order_is_count_descending_then_reverse_bytes() =>
        Assert.Equal(["b:3", "zu:2", "ä:1", "zz:1", "a:1", ":1"], Shown(Of(["b", "a", "zu", "b", "ä", "zz", "", "zu", "b"])));

    [Fact]
    public void The_first_value_over_the_limit_makes_counts_lower_bounds()
    {
        var values = Of(["a", "a", "a", "b", "b", "c"], new TopValues(3));
        Assert.Equal((true, 0L, 3), (values.IsExact, values.CountError, values.Kept));
        values.Observe("d"u8);
        Assert.Equal(["d:1", "a:1"], Shown(values));
        Assert.Equal((false, 2L, 7L), (values.IsExact, values.CountError, values.Total));
    }

    [Fact]
    public void The_limit_of_bytes_counts_as_well()
    {
        var values = Of(["eight_by", "eight_by", "also_8__"], new TopValues(100, 16));
        Assert.True(values.IsExact);
        values.Observe("x"u8);
        Assert.Equal((false, 2L), (values.IsExact, values.CountError));
        values.Observe("longer_than_half"u8);
        Assert.Equal((3L, 0L), (values.CountError, values.CountOf("longer_than_half"u8)));
    }

    [Fact]
    public void Keeping_the_top_leaves_counts_unchanged_and_says_what_was_left_out()
    {
        var kept = Of(["a", "a", "a", "b", "b", "c"]).Keep(1);
        Assert.Equal(["a:3"], Shown(kept));
        Assert.Equal((6L, 2L, false), (kept.Total, kept.CountError, kept.IsExact));
        Assert.True(Of(["a"]).Keep(1).IsExact);
        Assert.Empty(Of(["a"]).Keep(0).Ordered());
    }

    [Fact]
    public void Values_handed_out_stay_true_while_more_are_observed()
    {
        var values = Of(["first", "first"], new TopValues(4));
        var top = values.Ordered()[0];
        for (var number = 0; number < 1000; number++)
        {
            values.Observe(Encoding.UTF8.GetBytes($"other{number}"));
        }

        Assert.Equal("first", top.Text);
    }

    static TopValues Of(string[] texts, TopValues? into = null) =>
        RandomValues.Observing(into ?? new(), texts.Select(Encoding.UTF8.GetBytes), (state, text) => state.Observe(text));

    static string[] Shown(TopValues values) => [.. values.Ordered().Select(each => $"{each.Text}:{each.Count}")];
}
