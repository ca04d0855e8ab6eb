using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Capstan.Cli.Tests;

public sealed partial class GuideTests
{
    /// <summary>A gateway runs from the line that starts it; the lines that follow talk to it.</summary>
    [Theory]
    [InlineData("deploying.md", "v2:1000", "stable:v2")]
    [InlineData("import.md", "v1:500 v2:500", "")]
    public async Task The_lines_about_a_fleet_run_as_they_stand(string guide, string shares, string labels)
    {
        var folder = Directory.CreateTempSubdirectory("capstan-guide-");
        Process? gateway = null;
        try
        {
            var server = "";
            foreach (var line in Lines(FleetBlock(), guide))
            {
                if (line.StartsWith("capstan gateway", StringComparison.Ordinal))
                {
                    gateway = Start($"exec {Program} {line["capstan ".Length..]} --port 0 --json", folder.FullName);
                    server = await UrlOfAsync(gateway);
                }
                else
                {
                    await RunAsync(gateway is null ? line : $"{line} --server {server}", folder.FullName);
                }
            }

            var trips = JsonDocument.Parse(await RunAsync($"capstan routes trips --json --server {server}", folder.FullName)).RootElement.GetProperty("routes")[0];
            Assert.Equal(labels, string.Join(" ", trips.GetProperty("labels").EnumerateObject().Select(label => $"{label.Name}:{label.Value}")));
            Assert.Equal(shares, string.Join(" ", trips.GetProperty("versions").EnumerateArray()
                .Select(version => $"{version.GetProperty("version")}:{version.GetProperty("perMille")}")));
            Assert.All(trips.GetProperty("versions").EnumerateArray(), version => Assert.True(
                !version.TryGetProperty("failures", out var failures) || failures.GetInt32() == 0, version.ToString()));
        }
        finally
        {
            if (gateway is not null)
            {
                using var interrupt = Process.Start("kill", ["-INT", $"{gateway.Id}"]);
                await gateway.WaitForExitAsync();
                gateway.Dispose();
            }

            folder.Remove();
        }
    }

    static async Task<string> UrlOfAsync(Process gateway)
    {
        var json = "";
        while (!json.EndsWith('}'))
        {
            json += await gateway.StandardOutput.ReadLineAsync() ?? throw new EndOfStreamException(await gateway.StandardError.ReadToEndAsync());
        }

        return JsonDocument.Parse(json).RootElement.GetProperty("url").GetString()!; // It tells where it listens.
    }

    [GeneratedRegex("^```sh(?: fleet)?\\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FleetBlock();
}
