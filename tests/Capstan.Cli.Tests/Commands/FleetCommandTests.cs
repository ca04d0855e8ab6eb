using Capstan.Gateway;
using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

/// <summary>What the commands of a fleet refuse; that they work is shown by the guide's lines, which run against a real one.</summary>
public sealed class FleetCommandTests
{
    [Theory]
    [InlineData("10%", 100)]
    [InlineData("0.5%", 5)]
    [InlineData("100", 1000)]
    [InlineData("0%", 0)]
    public void Shares_are_read_as_people_write_them(string text, int perMille) => Assert.Equal(perMille, Percentage.PerMilleOf(text));

    [Theory]
    [InlineData("")]
    [InlineData("101%")]
    [InlineData("0.05%")]
    [InlineData("-1%")]
    [InlineData("ten")]
    [InlineData("NaN")]
    public void What_is_no_share_is_refused(string text) => Assert.Throws<UsageException>(() => Percentage.PerMilleOf(text));

    [Fact]
    public async Task Mistakes_are_found_before_anything_is_asked()
    {
        Assert.Contains("neither a folder of a model nor MODEL/VERSION", await RefuseAsync(ExitCodes.Usage, "deploy", "nowhere"));
        Assert.Contains("a change needs the model", await RefuseAsync(ExitCodes.Usage, "routes", "--rollback"));
        Assert.Contains("one at a time", await RefuseAsync(ExitCodes.Usage, "routes", "m", "--rollback", "--undeploy", "v1"));
        Assert.Contains("expected NAME=VALUE", await RefuseAsync(ExitCodes.Usage, "routes", "m", "--split", "v1"));
        Assert.Contains("expected concurrency", await RefuseAsync(ExitCodes.Usage, "scale", "m", "--metric", "mood"));
        Assert.Contains("make no test", await RefuseAsync(ExitCodes.Usage, "load-test", "m", "--rate", "0"));
        Assert.Contains("expected an address", await RefuseAsync(ExitCodes.Usage, "routes", "--server", "here"));
    }

    [Fact]
    public async Task Where_no_gateway_answers_the_message_says_how_to_start_one() =>
        Assert.Contains("Start one with 'capstan gateway'", await RefuseAsync(ExitCodes.Failure, "routes", "--server", "http://127.0.0.1:1"));

    [Fact]
    public void A_plot_of_latencies_is_an_svg_file_with_its_axes()
    {
        var latencies = new LatencyCounts();
        for (var each = 1; each <= 1000; each++)
        {
            latencies.Add(TimeSpan.FromMilliseconds(each * 0.1));
        }

        var svg = System.Xml.Linq.XDocument.Parse(LatencyPlot.Draw(latencies, "a < b"));
        Assert.Contains("a < b", svg.Descendants().Select(element => element.Value));
        Assert.Contains("99.9 %", svg.Descendants().Select(element => element.Value));
    }
}
