using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using Capstan.Serving;

namespace Capstan.Gateway.Tests.Hosting;

/// <summary>A gateway over real processes: the native replica, which <c>./test</c> builds; without it these tests are skipped.</summary>
public sealed class NativeFleetTests
{
    const string Linear = "artifact-v1-2-linear";

    static readonly string Program = Path.Combine(Root(), ".capstan", "replica", "Capstan.Replica");

    [Fact]
    public async Task Killing_replicas_under_load_costs_nobody_an_answer()
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not there; ./test builds it.");
        var home = Directory.CreateTempSubdirectory("capstan-gateway-").FullName;
        await using (var server = await GatewayServer.StartAsync(
            new GatewayOptions { Home = home, Replicas = new LocalReplicaHost(new ReplicaProgram(Program)), TakesFolders = true, HoldFor = Waiting.Patience },
            new PredictionServerOptions(), CancellationToken.None))
        {
            await server.Gateway.Routes.DeployAsync("m", new Deployment(Artifact: GoldenArtifacts.At(Linear)), CancellationToken.None);
            await server.Gateway.Routes.SetScalingAsync("m", new ScaleSettings { MinNodes = 2 }, CancellationToken.None);
            var body = new ArrayBufferWriter<byte>();
            InstanceWriter.Write(GoldenArtifacts.Rows(GoldenArtifacts.Model("m", Linear).Inputs, 1, 1), 0, 1, body);
            using var client = new HttpClient { BaseAddress = server.Url };
            using var done = new CancellationTokenSource();
            var answered = new int[8];
            var clients = Enumerable.Range(0, answered.Length).Select(async each =>
            {
                for (; !done.IsCancellationRequested; Interlocked.Increment(ref answered[each]))
                {
                    using var response = await client.PostAsync("/v1/models/m:predict", new ByteArrayContent(body.WrittenSpan.ToArray()));
                    Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
                }
            }).ToArray();
            for (var kill = 1; kill <= 5; kill++)
            {
                Kill(await SomeReplicaAsync(server.Gateway));
                await Waiting.UntilAsync("another has taken its place", () => server.Gateway.StateOf("m") is { Ready: >= 2 } state && state.Exits >= kill);

                // A request is sent once more, not twice: none that was lost with this replica may meet the next one's end.
                var seen = answered.ToArray();
                await Waiting.UntilAsync("every client has asked anew since the kill", () =>
                    clients.Any(client => client.IsFaulted) || seen.Index().All(client => Volatile.Read(ref answered[client.Index]) >= client.Item + 2));
            }

            await done.CancelAsync();
            await Task.WhenAll(clients);
            Assert.All(answered, each => Assert.True(each > 0));
        }

        Folders.Remove(home);
    }

    static async Task<Uri> SomeReplicaAsync(FleetGateway gateway)
    {
        await Waiting.UntilAsync("there are two replicas", () => gateway.StateOf("m")!.Ready >= 2); // The model has a route.
        return gateway.StateOf("m")!.Addresses[0]; // The same.
    }

    /// <summary>Kills the process that listens at an address, which is one of ours by its program.</summary>
    static void Kill(Uri address)
    {
        var line = File.ReadLines("/proc/net/tcp").Single(line =>
            line.Contains($"0100007F:{address.Port:X4} 00000000:0000 0A", StringComparison.Ordinal));
        var socket = $"socket:[{line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[9]}]";
        Process.GetProcessesByName("Capstan.Replica").Single(process => Holds(process.Id, socket)).Kill();
    }

    static bool Holds(int process, string socket)
    {
        try
        {
            return Directory.EnumerateFiles($"/proc/{process}/fd").Any(file => new FileInfo(file).LinkTarget == socket);
        }
        catch (IOException)
        {
            return false; // It has just ended: another test's.
        }
    }

    static string Root([CallerFilePath] string caller = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(caller)!, "..", "..", ".."));
}
