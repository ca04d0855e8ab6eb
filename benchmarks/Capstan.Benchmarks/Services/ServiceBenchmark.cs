using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.Registry;
using Capstan.Service;

namespace Capstan.Benchmarks;

/// <summary>
/// <c>capstan server</c> in a process of its own on a registry of 10,000 jobs and 1,000 versions: start, idle memory, control calls; and
/// creates a second on PostgreSQL. Wall time, since callers wait by it: read on a quiet machine.
/// </summary>
static class ServiceBenchmark
{
    const int Jobs = 10_000;
    const int Versions = 1_000;
    const int Calls = 2_000;
    const int Lists = 200;
    const int Writers = 16;

    static readonly TimeSpan WritingTime = TimeSpan.FromSeconds(8);

    public static BenchmarkReport Run() => RunAsync().GetAwaiter().GetResult();

    static async Task<BenchmarkReport> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-service-");
        try
        {
            List<BenchmarkRow> rows = [.. await MeasureServerAsync(folder.FullName)];
            if (PostgreSqlServer.IsInstalled)
            {
                rows.Add(await MeasureCreatesAsync(Path.Combine(folder.FullName, "postgresql")));
            }

            return new BenchmarkReport("service", [.. MachineFacts.All(), ("registry", $"{Jobs:N0} jobs, {Versions:N0} versions in SQLite")], [.. rows]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static async Task<IEnumerable<BenchmarkRow>> MeasureServerAsync(string folder)
    {
        await FillAsync(Path.Combine(folder, "registry.db"));
        var port = FreePort();
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        var program = Path.Combine(Repository.Root(), "apps", "cli", "bin", "Release", "net10.0", "Capstan.Cli.dll");
        var started = Stopwatch.GetTimestamp();
        using var server = Process.Start(new ProcessStartInfo(dotnet, [program, "server", "--port", $"{port}", "--data", folder, "--quiet"]))!; // a new process
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
            await WaitUntilReadyAsync(http);
            var start = Stopwatch.GetElapsedTime(started).TotalSeconds;
            await Task.Delay(TimeSpan.FromSeconds(5));
            var idle = ResidentMegabytes(server.Id);
            await CallsAsync(http, Calls / 4); // compiled by now
            var calls = await CallsAsync(http, Calls);
            var lists = await ListsAsync(http, "");
            var byLabel = await ListsAsync(http, "&filter=labels.team%3Dt3%20AND%20state%3DSUCCEEDED");

            return
            [
                Limit("start to ready", start, 2, "s", ""),
                Limit("idle memory", idle, 150, "MB", ""),
                Limit("control calls, p99", Percentile(calls, 0.99), 20, "ms", Text($"median {Percentile(calls, 0.5):0.0} ms; a quarter each: get a job, create a model, patch a job, get a version")),
                Limit("list of 100 of the jobs, p99", Percentile(lists, 0.99), 15, "ms", Text($"median {Percentile(lists, 0.5):0.0} ms")),
                Limit("list of 100 by label and state, p99", Percentile(byLabel, 0.99), 15, "ms", Text($"median {Percentile(byLabel, 0.5):0.0} ms")),
            ];
        }
        finally
        {
            server.Kill();
        }
    }

    static async Task FillAsync(string path)
    {
        await using var database = await RegistryDatabase.OpenAsync(path, CancellationToken.None);
        foreach (var block in Enumerable.Range(0, Jobs).Chunk(1000))
        {
            await database.WriteAsync(async session =>
            {
                foreach (var index in block)
                {
                    await session.Resources.TryInsertAsync(new Resource($"projects/p/jobs/j{index}", "job", "projects/p", "SUCCEEDED", new JsonObject
                    {
                        ["createTime"] = "2026-01-31T12:00:00.000Z", ["labels"] = new JsonObject { ["team"] = $"t{index % 10}" },
                        ["trainingInput"] = new JsonObject { ["scaleTier"] = "BASIC", ["pythonModule"] = "trainer.task", ["args"] = new JsonArray("--epochs", "3") },
                    }), CancellationToken.None);
                }
            }, CancellationToken.None);
        }

        await database.WriteAsync(async session =>
        {
            await session.Resources.TryInsertAsync(new Resource("projects/p/models/m", "model", "projects/p", "", []), CancellationToken.None);
            for (var index = 0; index < Versions; index++)
            {
                await session.Resources.TryInsertAsync(new Resource(
                    $"projects/p/models/m/versions/v{index}", "version", "projects/p/models/m", "READY", new JsonObject { ["deploymentUri"] = "gs://b/m" }), CancellationToken.None);
            }
        }, CancellationToken.None);
    }

    static async Task<double[]> CallsAsync(HttpClient http, int count)
    {
        var times = new double[count];
        for (var index = 0; index < count; index++)
        {
            var name = $"b{Stopwatch.GetTimestamp()}";
            times[index] = await MillisecondsAsync(async () =>
            {
                using var response = (index % 4) switch
                {
                    0 => await http.GetAsync($"v1/projects/p/jobs/j{index * 7 % Jobs}"),
                    1 => await http.PostAsync("v1/projects/p/models", Json($$"""{"name":"{{name}}"}""")),
                    2 => await http.PatchAsync($"v1/projects/p/jobs/j{index * 7 % Jobs}?updateMask=labels", Json("""{"labels":{"a":"b"}}""")),
                    _ => await http.GetAsync($"v1/projects/p/models/m/versions/v{index % Versions}"),
                };
                response.EnsureSuccessStatusCode();
            });
        }

        return times;
    }

    static async Task<double[]> ListsAsync(HttpClient http, string filter)
    {
        var times = new double[Lists];
        for (var index = 0; index < Lists; index++)
        {
            times[index] = await MillisecondsAsync(() => http.GetStringAsync($"v1/projects/p/jobs?pageSize=100{filter}"));
        }

        return times;
    }

    static async Task<BenchmarkRow> MeasureCreatesAsync(string folder)
    {
        await using var server = await ServiceServer.StartAsync(new ServiceOptions
        {
            DataFolder = folder, Port = 0, Database = PostgreSqlServer.Shared.Url, Access = new AccessOptions { IsOpen = true },
        }, CancellationToken.None);
        using var http = new HttpClient { BaseAddress = server.Url };
        var started = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            var count = 0;
            for (; Stopwatch.GetElapsedTime(started) < WritingTime; count++)
            {
                using var response = await http.PostAsync("v1/projects/p/models", Json($$"""{"name":"w{{writer}}_{{count}}"}"""));
                response.EnsureSuccessStatusCode();
            }

            return count;
        })));
        var rate = counts.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new BenchmarkRow(
            "creates on PostgreSQL", "creates/s", "the promised rate", [new RatePair(rate, 500)], 1, $"{Writers} callers, PostgreSQL without fsync on this machine");
    }

    static BenchmarkRow Limit(string subject, double value, double limit, string unit, string note) => new(
        subject, $"1/{unit}", Text($"{limit} {unit}"), [new RatePair(1 / value, 1 / limit)], 1, Text($"{value:0.00} {unit}{(note.Length == 0 ? "" : $"; {note}")}"));

    static async Task WaitUntilReadyAsync(HttpClient http)
    {
        while (true)
        {
            try
            {
                using var response = await http.GetAsync("readyz");
                response.EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(5);
            }
        }
    }

    static async Task<double> MillisecondsAsync(Func<Task> call)
    {
        var started = Stopwatch.GetTimestamp();
        await call();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    static double Percentile(double[] values, double share) => values.Order().ElementAt((int)((values.Length - 1) * share));

    static double ResidentMegabytes(int process) =>
        double.Parse(File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    static string Text(FormattableString text) => FormattableString.Invariant(text);
}
