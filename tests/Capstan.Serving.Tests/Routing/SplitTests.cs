using System.Text;
using Capstan.Data;
using Microsoft.AspNetCore.Http;

namespace Capstan.Serving.Tests.Routing;

public sealed class SplitTests
{
    static Split Of(params (string Version, int PerMille)[] shares) =>
        new([.. shares.Select(share => new Share(share.Version, share.PerMille))], null, []);

    [Fact]
    public void A_tenth_of_a_hundred_thousand_keys_is_a_tenth()
    {
        var split = Of(("v1", 900), ("v2", 100));
        foreach (var seed in new ulong[] { 1, 2, 3 })
        {
            var random = new SeededRandom(seed);
            var second = Enumerable.Range(0, 100_000).Count(_ => split.Pick(random.NextUInt64()) == 1);
            Assert.InRange(second / 100_000.0, 0.097, 0.103);
        }
    }

    [Theory]
    [InlineData(100, 300)]
    [InlineData(0, 1)]
    [InlineData(999, 1000)]
    public void Raising_a_share_moves_keys_to_it_only_and_as_many_as_it_gains(int before, int after)
    {
        var (old, next) = (Of(("v1", 1000 - before), ("v2", before)), Of(("v1", 1000 - after), ("v2", after)));
        var moved = 0;
        for (var user = 0; user < 50_000; user++)
        {
            var key = StickyKey.Hash("trips", $"user-{user}");
            var (from, to) = (old.Pick(key), next.Pick(key));
            Assert.False(from == 1 && to == 0);
            moved += from == to ? 0 : 1;
        }

        Assert.InRange(moved / 50_000.0, (after - before) / 1000.0 - 0.006, (after - before) / 1000.0 + 0.006);
    }

    [Fact]
    public void A_third_version_takes_its_keys_from_both_and_exchanges_none_between_them()
    {
        var (old, next) = (Of(("v1", 500), ("v2", 500)), Of(("v1", 400), ("v2", 400), ("v3", 200)));
        for (var user = 0; user < 20_000; user++)
        {
            var key = StickyKey.Hash("trips", $"user-{user}");
            var to = next.Pick(key);
            Assert.True(to == 2 || to == old.Pick(key));
        }
    }

    [Fact]
    public void The_order_of_shares_does_not_matter_to_a_key()
    {
        var (one, other) = (Of(("v1", 300), ("v2", 700)), Of(("v2", 700), ("v1", 300)));
        for (var key = 0UL; key < 1000; key++)
        {
            Assert.Equal(one.Pick(ValueHash.Mix(key)), 1 - other.Pick(ValueHash.Mix(key)));
        }
    }

    [Fact]
    public void A_version_without_a_share_gets_nothing_and_no_share_at_all_is_no_traffic()
    {
        Assert.All(Enumerable.Range(0, 1000), key => Assert.Equal(1, Of(("v1", 0), ("v2", 1000)).Pick(ValueHash.Mix((ulong)key))));
        Assert.Equal(-1, Split.None.Pick(7));
    }

    [Fact]
    public void Shares_that_do_not_add_up_are_refused_with_their_sum()
    {
        Assert.Contains("add up to 990", Assert.Throws<ArgumentException>(() => Of(("v1", 900), ("v2", 90))).Message);
        Assert.Contains("1001 per mille", Assert.Throws<ArgumentException>(() => Of(("v1", 1001), ("v2", -1))).Message);
        Assert.Contains("two shares", Assert.Throws<ArgumentException>(() => Of(("v1", 500), ("v1", 500))).Message);
        Assert.Contains("header:NAME", Assert.Throws<ArgumentException>(() => new Split([], "user", [])).Message);
    }

    [Fact]
    public void A_split_that_names_a_version_that_is_not_there_is_an_error()
    {
        var problem = Assert.Throws<ArgumentException>(
            () => new ModelRoute("trips", [new RoutedVersion("v1", "/a", "00")], [], Split.AllTo("v2")));
        Assert.Contains("no version 'v2'", problem.Message);
    }

    [Theory]
    [InlineData("header:X-User", "ann")]
    [InlineData("cookie:user", "bob")]
    [InlineData("field:customer", "carl")]
    [InlineData("field:age", "7.50")]
    [InlineData("field:night", null)]
    [InlineData("field:nothing", null)]
    [InlineData("header:X-Nothing", null)]
    public void The_key_stands_where_the_route_says(string sticky, string? expected)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers["X-User"] = "ann";
        context.Request.Headers.Cookie = "user=bob";
        var body = Encoding.UTF8.GetBytes("""{"signature_name":"x","instances":[{"age":7.50,"night":true,"customer":"carl"},{"customer":"dora"}]}""");
        Assert.Equal(expected, StickyKey.Parse(sticky).Of(context.Request, body));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"instances":[{"customer""")]
    [InlineData("""{"instances":[{"customer":"\ud800"}]}""")]
    public void A_broken_body_has_no_key(string body) =>
        Assert.Null(StickyKey.Parse("field:customer").Of(new DefaultHttpContext().Request, Encoding.UTF8.GetBytes(body)));
}
