using System.Diagnostics;
using System.Text.Json.Nodes;
using Capstan.Serving;

namespace Capstan.Benchmarks;

/// <summary>
/// The native replica and what a team would write without it, under wrk in interleaved pairs: ASP.NET around a pool of
/// ML.NET's prediction engines. Rates are per second of wall time, client and server sharing the processors.
/// </summary>
static class ServingPeersBenchmark
{
    const int Connections = 32;
    const int Seconds = 3;
    const int Pairs = 5;

    // FastAPI with scikit-learn or ONNX Runtime on such a model, on a machine of this kind; its packages are not to be had everywhere.
    const string RecordedFastApi = "1.5 to 2.1 k requests/s as recorded, one instance a request";

    public static BenchmarkReport Run() => RunAsync().GetAwaiter().GetResult();

    static async Task<BenchmarkReport> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-serving-peers-").FullName;
        try
        {
            var model = await WideModel.TrainAsync(folder, 64, 32);
            var table = Path.Combine(folder, "table.json");
            await File.WriteAllBytesAsync(table, new RoutingTable(1, [new ModelRoute(
                "wide", [new RoutedVersion("v1", Path.Combine(folder, "wide-64-32"), model.Hash.ToString())], [], Split.AllTo("v1"))]).ToJson());
            await using var replica = await NativeReplica.StartAsync("--table", table);
            using var peer = await ServicePeer.StartAsync(Path.Combine(folder, "wide.csv"));
            var rows = new List<BenchmarkRow>();
            foreach (var (instances, target) in new[] { (1, 4.0), (100, 0.0) })
            {
                rows.Add(await CompareAsync(model, new Uri(replica.Url, "/v1/models/wide:predict"), new Uri(peer.Url, "/predict"), instances, target));
            }

            return new BenchmarkReport(
                "serving-peers",
                [
                    .. MachineFacts.All().Where(fact => fact.Item1 != "rates"), ("rates", "per second, wrk and server on the same processors; medians"),
                    ("FastAPI", RecordedFastApi),
                ],
                rows);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<BenchmarkRow> CompareAsync(TrainedModel model, Uri ours, Uri theirs, int instances, double target)
    {
        var body = WideModel.Request(model, instances);
        await CheckAsync(ours, body, instances);
        await CheckAsync(theirs, body, instances);
        await Wrk.RunAsync(ours, body, Connections, 2);
        await Wrk.RunAsync(theirs, body, Connections, 2);
        var (pairs, p99, theirP99) = (new List<RatePair>(), "", "");
        for (var pair = 0; pair < Pairs; pair++)
        {
            var (own, other) = (await Wrk.RunAsync(ours, body, Connections, Seconds), await Wrk.RunAsync(theirs, body, Connections, Seconds));
            pairs.Add(new RatePair(own.Rate * instances, other.Rate * instances));
            if (own.Errors + other.Errors > 0)
            {
                // A refusal is quicker than a prediction, and a rate of refusals is none.
                throw new InvalidOperationException($"{own.Errors} requests to {ours} and {other.Errors} to {theirs} were not answered with 2xx.");
            }

            (p99, theirP99) = (own.P99, other.P99);
        }

        return new BenchmarkRow(
            $"predict, {instances} instances of 20 columns a request", instances == 1 ? "requests" : "instances", "ASP.NET + ML.NET", pairs, target,
            $"network 64-32 here, a linear model there; no errors; p99 {p99}, peer {theirP99}");
    }

    /// <summary>Both must answer with a finite number for each instance before anything is timed.</summary>
    static async Task CheckAsync(Uri address, byte[] body, int instances)
    {
        using var client = new HttpClient();
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        using var response = await client.PostAsync(address, content);
        var answer = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode || JsonNode.Parse(answer)!["predictions"]!.AsArray() is not { } predictions || // It says so.
            predictions.Count != instances || !predictions.All(each => double.IsFinite((double)each!)))
        {
            throw new InvalidOperationException($"{address} answers {(int)response.StatusCode}: {answer}");
        }
    }

    /// <summary>benchmarks/Peers.MlNetServing as a process; it ends with its input.</summary>
    sealed class ServicePeer : IDisposable
    {
        readonly Process _process;

        ServicePeer(Process process, Uri url) => (_process, Url) = (process, url);

        public Uri Url { get; }

        public static async Task<ServicePeer> StartAsync(string table)
        {
            var program = Path.Combine(Repository.Root(), "benchmarks", "Peers.MlNetServing", "bin", "Release", "net10.0", "Peers.MlNetServing.dll");
            var process = Process.Start(new ProcessStartInfo("dotnet", [program, table]) { RedirectStandardInput = true, RedirectStandardOutput = true })
                ?? throw new InvalidOperationException("The peer did not start.");
            var line = await process.StandardOutput.ReadLineAsync()
                ?? throw new InvalidOperationException($"The peer at {program} ended before it listened; its message is above. benchmarks/run builds it.");
            return new ServicePeer(process, new Uri(line));
        }

        public void Dispose()
        {
            _process.StandardInput.Close();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
