using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Capstan.Cli.Tests;

public sealed partial class GuideTests
{
    /// <summary>A server runs from the line that starts it; the lines that follow talk to it.</summary>
    [Fact]
    public async Task The_lines_about_a_fleet_behind_a_server_run_as_they_stand()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-guide-");
        Process? server = null;
        try
        {
            var address = "";
            foreach (var line in Lines(ServerBlock(), "deploying.md"))
            {
                if (line.StartsWith("capstan server", StringComparison.Ordinal))
                {
                    server = Start($"exec {Program} {line["capstan ".Length..]} --port 0 --json", folder.FullName);
                    address = await UrlOfAsync(server);
                }
                else
                {
                    await RunAsync(server is null ? line : $"{line} --server {address}", folder.FullName);
                }
            }

            var trips = JsonDocument.Parse(await RunAsync($"capstan routes trips --json --server {address}", folder.FullName)).RootElement.GetProperty("routes")[0];
            var shares = trips.GetProperty("versions").EnumerateArray()
                .Select(version => $"{version.GetProperty("version")}:{version.GetProperty("perMille")}");
            Assert.Equal(["v1:1000", "v2:0"], shares);
            Assert.Equal(1, trips.GetProperty("replicas").GetProperty("ready").GetInt32());
        }
        finally
        {
            if (server is not null)
            {
                using var interrupt = Process.Start("kill", ["-INT", $"{server.Id}"]);
                await server.WaitForExitAsync();
                server.Dispose();
            }

            folder.Remove();
        }
    }

    [GeneratedRegex("^```sh(?: server)?\\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ServerBlock();
}
