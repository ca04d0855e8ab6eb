using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.Service.Tests.Faults;

/// <summary>
/// The program itself is killed again and again while it is written to: at any moment, and exactly where it asks the disk to keep
/// something, writes its database, or gives a file its name. What it acknowledged is there each time.
/// </summary>
/// <remarks><c>CAPSTAN_KILLS=500</c> makes it a soak of hours; without it a few kills show that it works.</remarks>
public sealed class KillTests
{
    const int UsualKills = 6;

    // A version whose making took five servers down is given up, which is not what is looked for here.
    const int RoundsBetweenChecks = 4;

    const int MostWrites = 60;

    // System calls, and how often a thread makes them before long: of the write-ahead log, its checkpoints, copies of artifacts and
    // their lists. Each thread counts for itself.
    static readonly (string Calls, int Often)[] Points =
        [("fsync,fdatasync", 8), ("fsync,fdatasync", 3), ("pwrite64", 60), ("rename,renameat2,renameat", 6), ("unlink", 6)];

    static int Kills => int.TryParse(Environment.GetEnvironmentVariable("CAPSTAN_KILLS"), out var kills) ? kills : UsualKills;

    /// <summary>Debian: apt-get install strace; without it all kills come at any moment.</summary>
    static bool CanAim => File.Exists("/usr/bin/strace");

    [Fact]
    public async Task Killed_at_any_point_nothing_acknowledged_is_lost_and_no_version_is_half_made()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-killed-");
        var model = await TripsModel.FolderAsync;
        var acknowledged = new Acknowledged();
        var random = new Random(7);
        var aimed = 0;
        for (var round = 0; round < Kills; round++)
        {
            string[] strace = CanAim && round % 3 != 2 ? [.. Aim(random, isFirst: round == 0)] : [];
            if (await ServerProcess.TryStartAsync(folder.FullName, [], strace) is not { } server)
            {
                aimed++; // killed while it started
                continue;
            }

            await using (server)
            {
                aimed += await WriteAsync(server, round, model, random.Next(2, strace.Length == 0 ? 40 : MostWrites), acknowledged) ? 1 : 0;
            }

            if (round % RoundsBetweenChecks == RoundsBetweenChecks - 1)
            {
                await CheckAsync(folder.FullName, acknowledged);
                acknowledged.Clear();
            }
        }

        await CheckAsync(folder.FullName, acknowledged);
        Assert.True(!CanAim || aimed > 0, "no kill found its point");
        TestContext.Current.SendDiagnosticMessage($"{Kills} kills, {aimed} of them aimed.");
        folder.Remove();
    }

    /// <summary>Kills the program as some thread of it enters a system call for the n-th time.</summary>
    /// <param name="isFirst">At the very first flush, while the database is made.</param>
    static IEnumerable<string> Aim(Random random, bool isFirst)
    {
        var (calls, often) = isFirst ? Points[0] : Points[random.Next(Points.Length)];
        var number = (isFirst ? 1 : random.Next(1, often + 1)).ToString(CultureInfo.InvariantCulture);
        return
        [
            "/usr/bin/strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", $"trace={calls}",
            "-e", $"inject={calls}:signal=SIGKILL:when={number}",
        ];
    }

    /// <returns>Whether it was killed before all was written.</returns>
    static async Task<bool> WriteAsync(ServerProcess server, int round, string model, int writes, Acknowledged acknowledged)
    {
        using var http = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromSeconds(60) };
        try
        {
            for (var number = 0; number < writes; number++)
            {
                var name = $"m{round}_{number}";
                if (await PostAsync(http, "/v1/projects/p/models", $$"""{"name":"{{name}}","labels":{"round":"r{{round}}"} }""") is not null)
                {
                    acknowledged.Models.Add(name);
                }

                if (await PostAsync(http, $"/v1/projects/p/models/{name}/versions", $$"""{"name":"v","deploymentUri":"{{model}}"}""") is { } operation)
                {
                    acknowledged.Operations[name] = $"{operation["name"]}";
                }

                using var patched = await http.PatchAsync($"/v1/projects/p/models/{name}?updateMask=description", Json("""{"description":"patched"}"""));
                if (patched.IsSuccessStatusCode)
                {
                    acknowledged.Patched.Add(name);
                }
            }
        }
        catch (Exception end) when (end is HttpRequestException or IOException or OperationCanceledException)
        {
            return true;
        }

        // No time to end anything, in the middle of whatever its workers do.
        server.Kill();
        return false;
    }

    static async Task<JsonNode?> PostAsync(HttpClient http, string path, string body)
    {
        using var response = await http.PostAsync(path, Json(body));
        return response.IsSuccessStatusCode ? JsonNode.Parse(await response.Content.ReadAsStringAsync()) : null;
    }

    static async Task CheckAsync(string folder, Acknowledged acknowledged)
    {
        await using var service = await RunningService.StartAsync(options => options with { Jobs = null }, folder);
        foreach (var name in acknowledged.Models)
        {
            var found = await service.DoAsync("GET", $"/v1/projects/p/models/{name}");
            Assert.True(!acknowledged.Patched.Contains(name) || $"{found["description"]}" == "patched", $"{name} has lost its description");
            if (!acknowledged.Operations.TryGetValue(name, out var operation))
            {
                continue;
            }

            // What was not finished is taken up by the server that came after.
            var done = await service.WaitAsync(await service.DoAsync("GET", $"/v1/{operation}"));
            Assert.True(done["error"] is null, $"{done}");
            Assert.Equal("READY", $"{(await service.DoAsync("GET", $"/v1/projects/p/models/{name}/versions/v"))["state"]}");
        }

        if (acknowledged.Operations.Keys.LastOrDefault() is { } any)
        {
            await service.DoAsync("POST", $"/v1/projects/p/models/{any}:predict", $$"""{"instances":[{{TripsModel.Instance}}]}""");
        }

        // Versions that nobody was told of are whole, too, or are being made.
        foreach (var model in (await service.DoAsync("GET", "/v1/projects/p/models?pageSize=100"))["models"]?.AsArray() ?? [])
        {
            foreach (var version in (await service.DoAsync("GET", $"/v1/{model!["name"]}/versions"))["versions"]?.AsArray() ?? [])
            {
                while ($"{(await service.DoAsync("GET", $"/v1/{version!["name"]}"))["state"]}" is var state && state != "READY")
                {
                    Assert.Equal("CREATING", state);
                    await Task.Delay(20);
                }
            }
        }
    }

    static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    /// <summary>What a server said is done.</summary>
    sealed class Acknowledged
    {
        public List<string> Models { get; } = [];

        public HashSet<string> Patched { get; } = [];

        /// <summary>By model, the operation that makes its version.</summary>
        public Dictionary<string, string> Operations { get; } = [];

        public void Clear()
        {
            Models.Clear();
            Patched.Clear();
            Operations.Clear();
        }
    }
}
