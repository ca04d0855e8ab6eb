using System.Diagnostics;
using System.Globalization;
using Capstan.Serving;

namespace Capstan.Benchmarks;

/// <summary>
/// The native replica under wrk. Rates are per second of wall time, client and server sharing the machine's processors, and the peer is a
/// bare address of the same program (GET /healthz: no body is read, nothing is computed). Needs wrk and the replica, which ./test builds.
/// </summary>
static class ServingBenchmark
{
    const int Connections = 32;
    const int Seconds = 3;
    const int Pairs = 5;
    const int ManyModels = 1000;

    public static BenchmarkReport Run() => RunAsync().GetAwaiter().GetResult();

    static async Task<BenchmarkReport> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-serving-").FullName;
        try
        {
            var model = await WideModel.TrainAsync(folder, 64, 32);
            var large = await WideModel.TrainAsync(folder, 512, 448);
            var facts = new List<(string, string)>(MachineFacts.All().Where(fact => fact.Item1 != "rates")) { ("rates", "per second, wrk and server on the same processors; medians") };
            var rows = new List<BenchmarkRow>
            {
                await AgainstBareAsync(folder, model, 1, 0.9), await AgainstBareAsync(folder, model, 100, 0), await ColdStartAsync(folder, model),
            };
            facts.AddRange(await TenModelsAsync(folder, model));
            facts.AddRange(await SwapsAsync(folder, model));
            facts.AddRange(await ManyModelsAsync(folder, large));
            return new BenchmarkReport("serving", facts, rows);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static RoutedVersion Version(string folder, string name, TrainedModel model, string version = "v1") =>
        new(version, Path.Combine(folder, name), model.Hash.ToString());

    static string TableFile(string folder, long generation, IEnumerable<ModelRoute> routes)
    {
        var file = Path.Combine(folder, $"table-{Guid.NewGuid():n}.json");
        File.WriteAllBytes(file, new RoutingTable(generation, [.. routes]).ToJson());
        return file;
    }

    static string OneModel(string folder, TrainedModel model) =>
        TableFile(folder, 1, [new ModelRoute("wide", [Version(folder, "wide-64-32", model)], [], Split.AllTo("v1"))]);

    static async Task<BenchmarkRow> AgainstBareAsync(string folder, TrainedModel model, int instances, double target)
    {
        await using var replica = await NativeReplica.StartAsync("--table", OneModel(folder, model));
        var body = WideModel.Request(model, instances);
        var (predict, bare) = (new Uri(replica.Url, "/v1/models/wide:predict"), new Uri(replica.Url, "/healthz"));
        var pairs = new List<RatePair>();
        var (p99, bareP99, errors) = ("", "", 0L);
        await Wrk.RunAsync(predict, body, Connections, 1);
        for (var pair = 0; pair < Pairs; pair++)
        {
            var ours = await Wrk.RunAsync(predict, body, Connections, Seconds);
            var theirs = await Wrk.RunAsync(bare, null, Connections, Seconds);
            pairs.Add(new RatePair(ours.Rate * instances, theirs.Rate));
            (p99, bareP99, errors) = (ours.P99, theirs.P99, errors + ours.Errors);
        }

        return new BenchmarkRow(
            $"predict, {instances} instances of 20 columns a request", instances == 1 ? "requests" : "instances", "bare address", pairs, target,
            $"{errors} errors; p99 {p99}, bare {bareP99}; body {body.Length:N0} bytes");
    }

    /// <summary>From no process to the first answer; rates are starts a second.</summary>
    static async Task<BenchmarkRow> ColdStartAsync(string folder, TrainedModel model)
    {
        var (table, body) = (OneModel(folder, model), WideModel.Request(model, 1));
        var pairs = new List<RatePair>();
        using var client = new HttpClient();
        for (var pair = 0; pair < 21; pair++)
        {
            pairs.Add(new RatePair(
                await StartAsync(client, body, "--table", table), await StartAsync(client, null)));
        }

        return new BenchmarkRow(
            "process start to first prediction", "starts", "bare address", pairs, 1 / 1.5,
            $"{1000 / BenchmarkRow.Median(pairs.Select(pair => pair.Ours)):0} ms, bare {1000 / BenchmarkRow.Median(pairs.Select(pair => pair.Theirs)):0} ms");
    }

    static async Task<double> StartAsync(HttpClient client, byte[]? body, params string[] arguments)
    {
        var watch = Stopwatch.StartNew();
        await using var replica = await NativeReplica.StartAsync(arguments);
        using var answer = body is null
            ? await client.GetAsync(new Uri(replica.Url, "/healthz"))
            : await client.PostAsync(new Uri(replica.Url, "/v1/models/wide:predict"), new ByteArrayContent(body));
        answer.EnsureSuccessStatusCode();
        return 1 / watch.Elapsed.TotalSeconds;
    }

    static async Task<IEnumerable<(string, string)>> TenModelsAsync(string folder, TrainedModel model)
    {
        var routes = Enumerable.Range(0, 10).Select(index => new ModelRoute($"wide{index}", [Version(folder, "wide-64-32", model)], [], Split.AllTo("v1")));
        await using var replica = await NativeReplica.StartAsync("--table", TableFile(folder, 1, routes));
        for (var index = 0; index < 10; index++)
        {
            await Wrk.RunAsync(new Uri(replica.Url, $"/v1/models/wide{index}:predict"), WideModel.Request(model, 1), 4, 1);
        }

        return [("RSS, 10 models", $"{replica.ResidentBytes / 1e6:0} MB after each was asked for a second")];
    }

    static async Task<IEnumerable<(string, string)>> SwapsAsync(string folder, TrainedModel model)
    {
        const int Swaps = 1000;
        await using var replica = await Replica.StartAsync(new ReplicaOptions(), CancellationToken.None);
        RoutingTable Table(int generation) => new(generation, [new ModelRoute(
            "wide", [Version(folder, "wide-64-32", model, $"v{generation}")], [], Split.AllTo($"v{generation}"))]);
        await replica.ApplyAsync(Table(1), CancellationToken.None);
        var address = new Uri(replica.Url, "/v1/models/wide:predict");
        var body = WideModel.Request(model, 1);
        await Wrk.RunAsync(address, body, Connections, 2);
        var steady = await Wrk.RunAsync(address, body, Connections, Seconds);
        var load = Wrk.RunAsync(address, body, Connections, 20);
        var (swaps, atTen) = (0, 0L);
        for (; swaps < Swaps && !load.IsCompleted; swaps++)
        {
            await replica.ApplyAsync(Table(2 + swaps), CancellationToken.None);
            atTen = swaps == 10 ? Environment.WorkingSet : atTen;
            await Task.Delay(10);
        }

        var atEnd = Environment.WorkingSet;
        var (_, errors, p99) = await load;
        return [("swaps under load", string.Create(CultureInfo.InvariantCulture,
            $"{swaps} swaps, {errors} errors, p99 {p99} (steady {steady.P99}), RSS {(double)atEnd / atTen:0.00} × that after 10 (this process, not native)"))];
    }

    static async Task<IEnumerable<(string, string)>> ManyModelsAsync(string folder, TrainedModel large)
    {
        var routes = Enumerable.Range(0, ManyModels).Select(index => new ModelRoute(
            $"large{index}", [Version(folder, "wide-512-448", large)], [], Split.AllTo("v1")));
        await using var replica = await NativeReplica.StartAsync("--table", TableFile(folder, 1, routes), "--memory-limit", "200000000");
        using var client = new HttpClient();
        var body = WideModel.Request(large, 1);
        var (answered, latencies) = (0, new List<double>());
        for (var index = ManyModels - 1; index >= 0; index--)
        {
            var watch = Stopwatch.StartNew();
            using var answer = await client.PostAsync(new Uri(replica.Url, $"/v1/models/large{index}:predict"), new ByteArrayContent(body));
            answered += answer.IsSuccessStatusCode ? 1 : 0;
            latencies.Add(watch.Elapsed.TotalMilliseconds);
        }

        latencies.Sort();
        var bytes = new DirectoryInfo(Path.Combine(folder, "wide-512-448")).EnumerateFiles().Sum(file => file.Length);
        return [("1,000 models", string.Create(CultureInfo.InvariantCulture,
            $"of {bytes / 1e6:0.0} MB under 200 MB: {answered} answered, load and first answer p50 {latencies[500]:0.0} ms, p99 {latencies[990]:0.0} ms, RSS {replica.ResidentBytes / 1e6:0} MB"))];
    }
}
