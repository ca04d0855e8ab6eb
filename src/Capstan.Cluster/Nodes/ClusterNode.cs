using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Capstan.Cluster;

/// <summary>
/// One node of a cluster: an Orleans silo that has joined by its token. It leaves gracefully when it is stopped or disposed, and
/// the others notice within seconds when it dies.
/// </summary>
public sealed class ClusterNode : IAsyncDisposable
{
    // Another process may take a free port before the silo binds it.
    const int Attempts = 3;

    readonly IHost _host;
    readonly NodeMetrics _metrics;

    ClusterNode(IHost host, NodeOptions options, IPEndPoint place, NodeMetrics metrics)
    {
        (_host, Options, Place, _metrics) = (host, options, place, metrics);
    }

    public NodeOptions Options { get; }

    /// <summary>What <c>--join</c> names, and other nodes talk to.</summary>
    public IPEndPoint Place { get; }

    public string Name => _host.Services.GetRequiredService<ILocalSiloDetails>().Name;

    /// <summary>How many connections were cut off since their peers did not hold the token.</summary>
    public long RefusedConnections => _metrics.RefusedConnections;

    /// <summary>Ends when the node has ended, also by itself: a node that the others took for dead must not go on.</summary>
    public Task Ended => _host.WaitForShutdownAsync();

    internal IServiceProvider Services => _host.Services;

    /// <summary>Starts a node and joins the cluster.</summary>
    /// <exception cref="ArgumentException">An option is wrong.</exception>
    public static async Task<ClusterNode> StartAsync(NodeOptions options, CancellationToken cancellationToken)
    {
        if (options.Problems().ToArray() is { Length: > 0 } problems)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        await options.Database.PrepareAsync(cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            var place = new IPEndPoint(options.Address, options.Port > 0 ? options.Port : FreePort.At(options.Address));
            var metrics = new NodeMetrics();
            var host = HostOf(options, place, metrics);
            try
            {
                await host.StartAsync(cancellationToken);
                return new ClusterNode(host, options, place, metrics);
            }
            catch (Exception fault) when (IsTaken(fault) && options.Port == 0 && attempt < Attempts)
            {
                host.Dispose();
                metrics.Dispose();
            }
        }
    }

    /// <summary>The nodes that this one takes for alive, itself among them.</summary>
    public IReadOnlyList<IPEndPoint> Members() =>
    [
        .. _host.Services.GetRequiredService<ISiloStatusOracle>().GetApproximateSiloStatuses(onlyActive: true).Keys
            .Select(silo => silo.Endpoint).OrderBy(place => place.ToString(), StringComparer.Ordinal),
    ];

    /// <summary>Leaves: tells the others, hands over what it holds, ends.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _host.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _metrics.Dispose();
    }

    static IHost HostOf(NodeOptions options, IPEndPoint place, NodeMetrics metrics)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        // Ctrl-C is the program's, which stops the node.
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        if (options.WritesWarnings)
        {
            // Orleans warns of its own pauses, which say nothing on a machine that does other work as well.
            builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Orleans.Runtime", LogLevel.Error)
                .AddSimpleConsole(console => console.SingleLine = true);
        }

        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(metrics);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<NodeLeasing>();
        builder.UseOrleans(silo => Configure(silo, options, place, metrics));
        // After the silo, which it talks through, and stopped before it.
        builder.Services.AddHostedService<NodeWork>();
        return builder.Build();
    }

    static void Configure(ISiloBuilder silo, NodeOptions options, IPEndPoint place, NodeMetrics metrics)
    {
        silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.Cluster, options.Cluster));
        silo.Configure<SiloOptions>(own => own.SiloName = options.Name ?? $"node-{place}");
        silo.Configure<EndpointOptions>(ends =>
        {
            ends.AdvertisedIPAddress = place.Address;
            ends.SiloPort = place.Port;
            ends.GatewayPort = FreePort.At(place.Address);
        });
        // Calls between nodes are small: one that takes longer is lost with its node.
        silo.Configure<SiloMessagingOptions>(messages => messages.ResponseTimeout = TimeSpan.FromSeconds(5));
        silo.Configure<ClusterMembershipOptions>(members => Detect(members, options.Detection));
        silo.Services.AddSingleton<IMembershipTable>(new MembershipTable(options.Database, options.Cluster));
        if (options.Certificate is { } certificate)
        {
            silo.UseTls(certificate.Own, tls => NodeTls.Configure(tls, certificate));
        }

        var guard = new ConnectionGuard(options.Token, metrics, new Invitation(options.Cluster, options.Database.Address).Write());
        silo.Configure<SiloConnectionOptions>(connections =>
        {
            connections.ConfigureSiloInboundConnection(builder => builder.Use(next => guard.Accept(next, ConnectionPurpose.Silo)));
            connections.ConfigureSiloOutboundConnection(builder => builder.Use(next => guard.Call(next, ConnectionPurpose.Silo)));
            connections.ConfigureGatewayInboundConnection(builder => builder.Use(next => guard.Accept(next, ConnectionPurpose.Client)));
        });
    }

    static void Detect(ClusterMembershipOptions members, FailureDetection detection)
    {
        members.ProbeTimeout = detection.Probe;
        members.NumMissedProbesLimit = detection.MissedProbes;
        members.TableRefreshTimeout = TimeSpan.FromSeconds(5);
        members.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        members.DefunctSiloCleanupPeriod = TimeSpan.FromMinutes(10);
        members.DefunctSiloExpiration = TimeSpan.FromHours(1);
    }

    static bool IsTaken(Exception fault) => fault is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } ||
        fault.InnerException is { } inner && IsTaken(inner);

    sealed class QuietLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
