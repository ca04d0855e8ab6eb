using Capstan.Serving;

namespace Capstan.Gateway.Tests.Routes;

public sealed class SharesTests
{
    static string Given(string shares, string version, int perMille) => string.Join(" ", Shares.Give(
        [.. shares.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(share => share.Split(':')).Select(parts => new Share(parts[0], int.Parse(parts[1])))],
        version, perMille).Select(share => $"{share.Version}:{share.PerMille}"));

    [Theory]
    [InlineData("", "v1", 1000, "v1:1000")]
    [InlineData("v1:1000", "v2", 100, "v1:900 v2:100")]
    [InlineData("v1:900 v2:100", "v2", 500, "v1:500 v2:500")]
    [InlineData("v1:900 v2:100", "v2", 0, "v1:1000")]
    [InlineData("v1:900 v2:100", "v3", 1000, "v3:1000")]
    [InlineData("v1:333 v2:333 v3:334", "v4", 100, "v1:300 v2:300 v3:300 v4:100")]
    [InlineData("v1:500 v2:500", "v3", 1, "v1:500 v2:499 v3:1")]
    public void The_others_keep_their_proportions(string shares, string version, int perMille, string expected) =>
        Assert.Equal(expected, Given(shares, version, perMille));

    [Fact]
    public void The_only_version_takes_all_or_nothing_changes() =>
        Assert.Contains("leave 900", Assert.Throws<ArgumentException>(() => Given("v1:1000", "v1", 100)).Message);
}
