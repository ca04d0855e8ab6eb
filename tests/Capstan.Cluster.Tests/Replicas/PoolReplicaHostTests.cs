using System.Buffers;
using System.Formats.Tar;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using Capstan.Gateway;
using Capstan.Serving;

namespace Capstan.Cluster.Tests;

/// <summary>Replicas on machines of pools: real processes, which see nothing of this one but their connection.</summary>
[Collection(nameof(SlurmCluster))]
public sealed class PoolReplicaHostTests : IDisposable
{
    const string Linear = "artifact-v1-2-linear";

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("capstan-pool-replicas-");

    public void Dispose() => _folder.Remove();

    public static TheoryData<string> Pools => ["local", "slurm:fixed"];

    static ReplicaProgram Program => new(
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet")),
        Path.Combine(AppContext.BaseDirectory, "Capstan.Replica.dll"));

    PoolReplicaHost Host(IMachinePool pool, ReplicaProgram? program = null) => new(
        pool, new PoolReplicaOptions(program ?? Program, IPAddress.Loopback, Path.Combine(_folder.FullName, "replicas"))
        {
            Patience = Waiting.Patience,
        });

    IMachinePool Pool(string name)
    {
        if (name.StartsWith("slurm", StringComparison.Ordinal))
        {
            _ = SlurmCluster.Shared;
        }

        return MachinePools.Parse(name, Path.Combine(_folder.FullName, "leases"));
    }

    static byte[] Body()
    {
        var body = new ArrayBufferWriter<byte>();
        InstanceWriter.Write(GoldenArtifacts.Rows(GoldenArtifacts.Model("m", Linear).Inputs, 1, 1), 0, 1, body);
        return body.WrittenSpan.ToArray();
    }

    [Theory]
    [MemberData(nameof(Pools))]
    public async Task A_model_is_served_from_machines_of_a_pool_and_gives_them_back(string name)
    {
        var pool = new CountingPool(Pool(name));
        await using (var host = Host(pool))
        await using (var server = await GatewayServer.StartAsync(
            new GatewayOptions { Home = Path.Combine(_folder.FullName, "home"), Replicas = host, TakesFolders = true, HoldFor = Waiting.Patience },
            new PredictionServerOptions(), CancellationToken.None))
        {
            await server.Gateway.Routes.DeployAsync("m", new Deployment(Artifact: GoldenArtifacts.At(Linear)), CancellationToken.None);
            using var client = new HttpClient { BaseAddress = server.Url };
            using var answer = await client.PostAsync("/v1/models/m:predict", new ByteArrayContent(Body()));
            Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
            var lease = Assert.Single(pool.Leases);
            Assert.Equal(LeaseState.Running, await pool.LookAsync(lease, CancellationToken.None));

            // The replica is the gateway's alone.
            using var direct = await client.PostAsync(
                new Uri(server.Gateway.StateOf("m")!.Addresses.Single(), "/v1/models/m:predict"), new ByteArrayContent(Body()));
            Assert.Equal(HttpStatusCode.Unauthorized, direct.StatusCode);

            // Another version of which the replica has no file is sent, and answers.
            await server.Gateway.Routes.DeployAsync(
                "m", new Deployment("v2", GoldenArtifacts.At("artifact-v1-2-dnn"), TrafficPerMille: 0), CancellationToken.None);
            using var other = await client.PostAsync("/v1/models/m/versions/v2:predict", new ByteArrayContent(Body()));
            Assert.True(other.StatusCode != HttpStatusCode.ServiceUnavailable, await other.Content.ReadAsStringAsync());
        }

        Assert.All(await Task.WhenAll(pool.Leases.Select(lease => pool.LookAsync(lease, CancellationToken.None).AsTask())),
            state => Assert.Equal(LeaseState.Ended, state));
        Assert.Equal(pool.Leases, pool.Returned);
    }

    [Fact]
    public async Task A_replica_ends_with_the_host_that_holds_it_and_the_host_sees_it_end()
    {
        var pool = new CountingPool(Pool("local"));
        var host = Host(pool);
        var (first, second) = (await StartAsync(host), await StartAsync(host));

        // Its lease is taken away, as by a pool that wants its machine back.
        await pool.ReturnAsync(pool.Leases[0], CancellationToken.None);
        await first.Exited;
        await Waiting.UntilAsync("it has said how much it computed", () => second.ProcessorTime > TimeSpan.Zero);
        await second.DisposeAsync();
        Assert.Equal(LeaseState.Ended, await pool.LookAsync(pool.Leases[1], CancellationToken.None));
        await first.DisposeAsync();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task What_the_server_has_in_its_environment_is_not_its_replicas()
    {
        var seen = Path.Combine(_folder.FullName, "seen");
        var script = Path.Combine(_folder.FullName, "spy.sh");
        File.WriteAllText(script, $"env > '{seen}'\n");
        Environment.SetEnvironmentVariable("CAPSTAN_TEST_PASSWORD", "secret");
        await using var host = Host(Pool("local"), new ReplicaProgram("sh", script));
        await Assert.ThrowsAsync<ReplicaStartException>(() => StartAsync(host));
        var variables = File.ReadAllText(seen);
        Assert.Contains($"{ReplicaStart.TokenVariable}=token", variables);
        Assert.DoesNotContain("secret", variables);
    }

    [Fact]
    public async Task A_pool_without_a_place_and_a_program_that_ends_are_told_apart()
    {
        await using var none = Host(Pool("local:1"));
        await using var held = await StartAsync(none);
        Assert.Contains("taken", (await Assert.ThrowsAsync<ReplicaStartException>(() => StartAsync(none))).Message);
        await using var broken = Host(Pool("local"), new ReplicaProgram("sh", "-c", "echo no such model; exit 3"));
        Assert.Contains("no such model", (await Assert.ThrowsAsync<ReplicaStartException>(() => StartAsync(broken))).Message);
    }

    [Fact]
    public async Task Files_that_are_not_the_artifact_are_refused()
    {
        await using var host = Host(Pool("local"));
        await using var replica = await StartAsync(host);
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "token");
        var hash = GoldenArtifacts.Version("v1", Linear).Hash;
        using var tar = new MemoryStream();
        TarFile.CreateFromDirectory(GoldenArtifacts.At("artifact-v1-2-dnn"), tar, includeBaseDirectory: false);
        foreach (var bytes in (byte[][])[tar.ToArray(), tar.ToArray()[..2000], [1, 2, 3], []])
        {
            using var answer = await client.PutAsync(new Uri(replica.Address, $"/v1beta/artifacts/{hash}"), new ByteArrayContent(bytes));
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }

        Assert.Equal("{\"present\":false}", await client.GetStringAsync(new Uri(replica.Address, $"/v1beta/artifacts/{hash}")));
    }

    static Task<IReplica> StartAsync(PoolReplicaHost host) => host.StartAsync(new ReplicaStart("m", "token"), CancellationToken.None);

    /// <summary>Notes what a pool gave and took back.</summary>
    sealed class CountingPool(IMachinePool pool) : IMachinePool
    {
        public List<MachineLease> Leases { get; } = [];

        public List<MachineLease> Returned { get; } = [];

        public string Name => pool.Name;

        public bool IsRemote => false;

        public async ValueTask<MachineLease?> TryLeaseAsync(MachineRequest request, CancellationToken cancellationToken)
        {
            var lease = await pool.TryLeaseAsync(request, cancellationToken);
            lock (Leases)
            {
                Leases.AddRange(lease is { } given ? [given] : []);
            }

            return lease;
        }

        public ValueTask<LeaseState> LookAsync(MachineLease lease, CancellationToken cancellationToken) => pool.LookAsync(lease, cancellationToken);

        public async ValueTask ReturnAsync(MachineLease lease, CancellationToken cancellationToken)
        {
            await pool.ReturnAsync(lease, cancellationToken);
            lock (Leases)
            {
                Returned.Add(lease);
            }
        }
    }
}
