using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Capstan.Service.Tests.Hosting;

public sealed class TelemetryTests
{
    const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    /// <summary>A collector that keeps what it is sent; names and texts stand in OTLP's messages as they are.</summary>
    [Fact]
    public async Task Traces_and_metrics_reach_a_collector_of_OpenTelemetry()
    {
        var received = new ConcurrentBag<(string Path, byte[] Body)>();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var collector = builder.Build();
        collector.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.Add((context.Request.Path, body.ToArray()));
        });
        await collector.StartAsync();
        var folder = Directory.CreateTempSubdirectory("capstan-telemetry-");
        await using (var server = await ServerProcess.StartAsync(folder.FullName, "--otlp", collector.Urls.First()))
        {
            using var http = new HttpClient { BaseAddress = server.Url };
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/projects/p/models") { Headers = { { "traceparent", $"00-{TraceId}-b7ad6b7169203331-01" } } };
            (await http.SendAsync(request)).EnsureSuccessStatusCode();

            // Told to end, it sends what it has not sent yet.
            using var kill = Process.Start("kill", ["-TERM", $"{server.Process.Id}"]);
            await server.Process.WaitForExitAsync();
        }

        string TextOf(string path) => string.Concat(received.Where(each => each.Path == path).Select(each => Encoding.Latin1.GetString(each.Body)));
        Assert.Contains("ml.projects.models.list", TextOf("/v1/traces"));
        Assert.Contains(Encoding.Latin1.GetString(Convert.FromHexString(TraceId)), TextOf("/v1/traces"));
        Assert.Contains("capstan.request.duration", TextOf("/v1/metrics"));
        folder.Remove();
    }
}
