using System.Text;

namespace Capstan.Serving.Tests.Routing;

public sealed class RoutingTableTests
{
    static readonly RoutingTable Table = new(7,
    [
        new ModelRoute(
            "trips", [new RoutedVersion("v1", "/models/v1", "aa"), new RoutedVersion("v2", "/models/v2", "bb", 8)],
            [new VersionLabel("stable", "v1")],
            new Split([new Share("v1", 900), new Share("v2", 100)], "header:X-User", ["v2"])),
        new ModelRoute("idle", [], [], null),
    ]);

    [Fact]
    public void A_table_reads_back_what_it_wrote()
    {
        var read = RoutingTable.FromJson(Table.ToJson());
        Assert.Equal(Encoding.UTF8.GetString(Table.ToJson()), Encoding.UTF8.GetString(read.ToJson()));
        Assert.Equal(7, read.Generation);
        Assert.Equal(8, read.Find("trips")!.Find("v2")!.MaxConcurrency);
        Assert.Equal("header:X-User", read.Find("trips")!.Split.Sticky);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}{")]
    [InlineData("""{"generation":1,"models":[{"model":"a b","versions":[]}]}""")]
    [InlineData("""{"generation":1,"modles":[]}""")]
    [InlineData("""{"generation":1,"models":[{"model":"a","versions":[],"split":{"shares":[{"version":"v1","perMille":1000}]}}]}""")]
    public void What_is_no_table_is_refused_in_words(string json) => Assert.StartsWith(
        "This is no routing table",
        Assert.Throws<UnreadableTableException>(() => RoutingTable.FromJson(Encoding.UTF8.GetBytes(json))).Message);

    [Fact]
    public void The_next_table_has_the_next_generation()
    {
        var next = Table.With("trips", null);
        Assert.Equal((8, 1), (next.Generation, next.Models.Length));
        Assert.Equal(3, next.With("new", new ModelRoute("new", [], [], null)).With("x", new ModelRoute("x", [], [], null)).Models.Length);
    }
}
