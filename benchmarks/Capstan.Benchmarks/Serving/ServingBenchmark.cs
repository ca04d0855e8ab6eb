using System.Diagnostics;
using System.Globalization;
using Capstan.Serving;

namespace Capstan.Benchmarks;

/// <summary>
/// The native replica under wrk, which shares the machine's processors with it. The peer is a bare address of the same program, which reads the same
/// body and answers as many bytes. Needs wrk and the replica, which ./test builds.
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
            var megabyte = await WideModel.TrainAsync(folder, 384, 320);
            var large = await WideModel.TrainAsync(folder, 512, 448);
            var facts = new List<(string, string)>(MachineFacts.All().Where(fact => fact.Item1 != "rates")) { ("rates", "per second of wall time, wrk and server on the same processors; of many instances per second of the replica's processor time; medians") };
            var rows = new List<BenchmarkRow>
            {
                await AgainstBareAsync(folder, model), await AtHalfLoadAsync(folder, model), await ManyInstancesAsync(folder, model), await ColdStartAsync(folder, model),
            };
            facts.AddRange(await TenModelsAsync(folder, model));
            facts.AddRange(await SwapsAsync(folder, model));
            facts.AddRange(await ManyModelsAsync(folder, megabyte, "wide-384-320"));
            facts.AddRange(await ManyModelsAsync(folder, large, "wide-512-448"));
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

    static async Task<BenchmarkRow> AgainstBareAsync(string folder, TrainedModel model)
    {
        await using var replica = await NativeReplica.StartAsync("--table", OneModel(folder, model));
        var body = WideModel.Request(model, 1);
        var predict = new Uri(replica.Url, "/v1/models/wide:predict");
        var bare = new Uri(replica.Url, $"/bare/{await AnswerBytesAsync(predict, body)}");
        var pairs = new List<RatePair>();
        var (p99, bareP99, errors) = ("", "", 0L);
        var processor = new List<double>();
        await Wrk.RunAsync(predict, body, Connections, 1);
        for (var pair = 0; pair < Pairs; pair++)
        {
            var (ours, oursPerCpu) = await MeasureAsync(replica, predict, body);
            var (theirs, theirsPerCpu) = await MeasureAsync(replica, bare, body);
            pairs.Add(new RatePair(ours.Rate, theirs.Rate));
            processor.Add(oursPerCpu / theirsPerCpu);
            (p99, bareP99, errors) = (ours.P99, theirs.P99, errors + ours.Errors + theirs.Errors);
        }

        return new BenchmarkRow(
            "predict, 1 instance of 20 columns a request", "requests", "bare address", pairs, 0.9,
            $"{errors} errors; p99 {p99}, bare {bareP99}; by the replica's processor time {BenchmarkRow.Median(processor):0.00}");
    }

    /// <summary>Both at half of the rate that predictions saturate at; rates are 1 / p99.</summary>
    static async Task<BenchmarkRow> AtHalfLoadAsync(string folder, TrainedModel model)
    {
        await using var replica = await NativeReplica.StartAsync("--table", OneModel(folder, model));
        var (predict, body) = (new Uri(replica.Url, "/v1/models/wide:predict"), WideModel.Request(model, 1));
        var bare = new Uri(replica.Url, $"/bare/{await AnswerBytesAsync(predict, body)}");
        await Wrk.RunAsync(predict, body, Connections, 1);
        var half = await SteadyCallers.SaturatingRateAsync(predict, body, Connections, TimeSpan.FromSeconds(Seconds)) / 2;
        var pairs = new List<RatePair>();
        for (var pair = 0; pair < Pairs; pair++)
        {
            pairs.Add(new RatePair(1 / (await P99Async(predict)).TotalSeconds, 1 / (await P99Async(bare)).TotalSeconds));
        }

        return new BenchmarkRow(
            "p99 at half of the saturating load", "1 / p99", "bare address", pairs, 1 / 1.3, string.Create(CultureInfo.InvariantCulture,
                $"{half:N0} requests/s; p99 {1000 / BenchmarkRow.Median(pairs.Select(pair => pair.Ours)):0.00} ms, bare {1000 / BenchmarkRow.Median(pairs.Select(pair => pair.Theirs)):0.00} ms"));

        Task<TimeSpan> P99Async(Uri address) => SteadyCallers.P99Async(address, body, half, Connections, TimeSpan.FromSeconds(Seconds));
    }

    /// <summary>A million a second on two processors is what is promised.</summary>
    static async Task<BenchmarkRow> ManyInstancesAsync(string folder, TrainedModel model)
    {
        const int Instances = 100;
        const double Promised = 1_000_000 / 2.0;
        await using var replica = await NativeReplica.StartAsync("--table", OneModel(folder, model));
        var (predict, body) = (new Uri(replica.Url, "/v1/models/wide:predict"), WideModel.Request(model, Instances));
        var pairs = new List<RatePair>();
        await Wrk.RunAsync(predict, body, Connections, 1);
        for (var pair = 0; pair < Pairs; pair++)
        {
            pairs.Add(new RatePair((await MeasureAsync(replica, predict, body)).PerProcessorSecond * Instances, Promised));
        }

        return new BenchmarkRow("predict, 100 instances of 20 columns a request", "instances", "what is promised", pairs, 1, $"body {body.Length:N0} bytes");
    }

    static async Task<int> AnswerBytesAsync(Uri address, byte[] body)
    {
        using var client = new HttpClient();
        using var answer = await client.PostAsync(address, new ByteArrayContent(body));
        return (await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync()).Length;
    }

    static async Task<((double Rate, long Errors, string P99) Wall, double PerProcessorSecond)> MeasureAsync(NativeReplica replica, Uri address, byte[] body)
    {
        var before = replica.ProcessorTime;
        var wall = await Wrk.RunAsync(address, body, Connections, Seconds);
        return (wall, wall.Rate * Seconds / (replica.ProcessorTime - before).TotalSeconds);
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
        await using var replica = await NativeReplica.StartAsync();
        using var client = new HttpClient { DefaultRequestHeaders = { { "Authorization", $"Bearer {NativeReplica.Token}" } } };
        async Task PutAsync(int generation)
        {
            var table = new RoutingTable(generation, [new ModelRoute(
                "wide", [Version(folder, "wide-64-32", model, $"v{generation}")], [], Split.AllTo($"v{generation}"))]);
            using var answer = await client.PutAsync(new Uri(replica.Url, "/v1beta/table"), new ByteArrayContent(table.ToJson()));
            answer.EnsureSuccessStatusCode();
        }

        await PutAsync(1);
        var address = new Uri(replica.Url, "/v1/models/wide:predict");
        var body = WideModel.Request(model, 1);
        await Wrk.RunAsync(address, body, Connections, 2);
        var steady = await Wrk.RunAsync(address, body, Connections, Seconds);
        var load = Wrk.RunAsync(address, body, Connections, 25);
        var (swaps, atTen) = (0, 0L);
        for (; swaps < Swaps && !load.IsCompleted; swaps++)
        {
            await PutAsync(2 + swaps);
            atTen = swaps == 10 ? replica.ResidentBytes : atTen;
            await Task.Delay(15);
        }

        var atEnd = replica.ResidentBytes;
        var (_, errors, p99) = await load;
        return [("swaps under load", string.Create(CultureInfo.InvariantCulture,
            $"{swaps} swaps, {errors} errors, p99 {p99} (steady {steady.P99}), RSS {(double)atEnd / atTen:0.00} × that after 10 ({atEnd / 1e6:0} MB)"))];
    }

    static async Task<IEnumerable<(string, string)>> ManyModelsAsync(string folder, TrainedModel large, string artifact)
    {
        var routes = Enumerable.Range(0, ManyModels).Select(index => new ModelRoute(
            $"large{index}", [Version(folder, artifact, large)], [], Split.AllTo("v1")));
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
        var bytes = new DirectoryInfo(Path.Combine(folder, artifact)).EnumerateFiles().Sum(file => file.Length);
        return [($"1,000 models, {artifact}", string.Create(CultureInfo.InvariantCulture,
            $"of {bytes / 1e6:0.0} MB under 200 MB: {answered} answered, load and first answer p50 {latencies[500]:0.0} ms, p99 {latencies[990]:0.0} ms, RSS {replica.ResidentBytes / 1e6:0} MB"))];
    }
}
