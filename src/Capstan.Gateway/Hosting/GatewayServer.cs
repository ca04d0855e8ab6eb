using Capstan.Serving;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Capstan.Gateway;

/// <summary>A gateway that listens by itself, without a host around it. Disposing stops it and its replicas.</summary>
public sealed class GatewayServer : IAsyncDisposable
{
    readonly KestrelServer _kestrel;

    GatewayServer(KestrelServer kestrel, FleetGateway gateway, ListeningUrls urls) =>
        (_kestrel, Gateway, Url, GrpcUrl) = (kestrel, gateway, urls.Http, urls.Grpc);

    public FleetGateway Gateway { get; }

    /// <summary>Where it listens, with the port that it got.</summary>
    public Uri Url { get; }

    /// <summary>Where it takes gRPC (HTTP/2 without TLS); null where it does not.</summary>
    public Uri? GrpcUrl { get; }

    /// <summary>Starts listening; when it returns, requests are answered or held.</summary>
    /// <exception cref="PortUnavailableException">The port is taken, or the address is not this machine's.</exception>
    /// <exception cref="UnreadableTableException">The table in the gateway's home can't be read.</exception>
    public static async Task<GatewayServer> StartAsync(
        GatewayOptions options, PredictionServerOptions server, CancellationToken cancellationToken)
    {
        server.Check();
        var gateway = await FleetGateway.StartAsync(options, cancellationToken);
        try
        {
            var (kestrel, urls) = await KestrelHost.StartAsync(
                gateway.HandleAsync, server, cancellationToken);
            return new GatewayServer(kestrel, gateway, urls);
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _kestrel.StopAsync(CancellationToken.None);
        _kestrel.Dispose();
        await Gateway.DisposeAsync();
    }
}
