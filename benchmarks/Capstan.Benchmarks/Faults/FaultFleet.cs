using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Capstan.Benchmarks;

/// <summary><c>capstan gateway</c> as a process, with the native replica, and what a tester may know and do from outside.</summary>
sealed class FaultFleet : IAsyncDisposable
{
    public const string Model = "wide";

    readonly Process _gateway;

    FaultFleet(Process gateway, Uri url)
    {
        _gateway = gateway;
        Http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromMinutes(2) };
    }

    public HttpClient Http { get; }

    public Uri Predict => new(Http.BaseAddress!, $"/v1/models/{Model}:predict"); // It was given one.

    public static async Task<FaultFleet> StartAsync(string home)
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        var program = Path.Combine(Repository.Root(), "apps", "cli", "bin", "Release", "net10.0", "Capstan.Cli.dll");
        var process = Process.Start(new ProcessStartInfo(
            dotnet, [program, "gateway", "--home", home, "--port", "0", "--json", "--replica", NativeReplica.Program]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("The gateway did not start.");
        var answer = "";
        while (!answer.EndsWith('}'))
        {
            answer += await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The gateway ended before it listened.");
        }

        return new FaultFleet(process, new Uri($"{JsonNode.Parse(answer)!["url"]}")); // It tells where it listens.
    }

    /// <summary>Changes the route, or reads it.</summary>
    public async Task<JsonNode> RouteAsync(HttpMethod method, string what = "", object? body = null)
    {
        using var request = new HttpRequestMessage(method, $"/v1beta/routes/{Model}{what}") { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await Http.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonNode.Parse(answer)! : throw new InvalidOperationException($"{what}: {answer}"); // It is an object.
    }

    public Task<JsonNode> DeployAsync(string version, string artifact, int perMille) =>
        RouteAsync(HttpMethod.Post, ":deploy", new { version, artifact, trafficPerMille = perMille });

    public Task<JsonNode> ScaleAsync(int least, int most, int? manual = null) =>
        RouteAsync(HttpMethod.Put, "/scaling", new { minNodes = least, maxNodes = most, manualNodes = manual });

    /// <summary>No replica at all, and the next request will start one.</summary>
    public async Task ToZeroAsync()
    {
        await ScaleAsync(0, 4, manual: 0);
        await UntilReadyAsync(ready => ready == 0);
        await ScaleAsync(0, 4);
    }

    public async Task UntilReadyAsync(Func<int, bool> isEnough)
    {
        while (!isEnough((int)(await RouteAsync(HttpMethod.Get))["replicas"]!["ready"]!)) // A route tells of its replicas.
        {
            await Task.Delay(50);
        }
    }

    /// <summary>The processes that the gateway has started.</summary>
    public IReadOnlyList<int> Replicas() =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(folder => Path.GetFileName(folder))
            .Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out _) && ParentOf(name) == _gateway.Id)
            .Select(name => int.Parse(name, CultureInfo.InvariantCulture)),
    ];

    /// <summary>Memory that gateway and replicas hold, in bytes.</summary>
    public (long Gateway, long Replicas) Resident() => (ResidentOf(_gateway.Id), Replicas().Sum(ResidentOf));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        using (var interrupt = Process.Start("kill", ["-INT", $"{_gateway.Id}"]))
        {
            await interrupt.WaitForExitAsync();
        }

        await _gateway.WaitForExitAsync();
        _gateway.Dispose();
    }

    static int ParentOf(string process)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(line[(line.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    static long ResidentOf(int process)
    {
        try
        {
            return Environment.SystemPageSize * long.Parse(File.ReadAllText($"/proc/{process}/statm").Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
