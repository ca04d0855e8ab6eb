using System.Net;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Capstan.Serving;

/// <summary>Kestrel alone, without a host around it (decision 0051), that listens as its options say.</summary>
static class KestrelHost
{
    /// <summary>Starts listening; when it returns, requests are answered.</summary>
    /// <exception cref="PortUnavailableException">The port is taken, or the address is not this machine's.</exception>
    public static async Task<(KestrelServer Server, ListeningUrls Urls)> StartAsync(
        Func<HttpContext, Task> handle, PredictionServerOptions options, CancellationToken cancellationToken)
    {
        var settings = new KestrelServerOptions { AddServerHeader = false, AllowSynchronousIO = false };

        // The endpoints refuse what is too large. Kestrel's own limit would close the connection under a caller that is still
        // sending, who would then never see why; without it the rest of the body is read and dropped for some seconds.
        settings.Limits.MaxRequestBodySize = null;
        settings.Limits.MaxConcurrentConnections = options.MaxConnections;
        settings.Listen(options.Address, options.Port, listener => listener.Protocols = HttpProtocols.Http1);
        if (options.GrpcPort is { } grpc)
        {
            // Without TLS nothing says in advance which protocol a connection will speak, so each has a port of its own.
            settings.Listen(options.Address, grpc, listener => listener.Protocols = HttpProtocols.Http2);
        }

        var kestrel = new KestrelServer(
            Options.Create(settings),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions()), options.Loggers),
            options.Loggers);
        try
        {
            await kestrel.StartAsync(new PredictionApplication(handle), cancellationToken);
        }
        catch (Exception problem) when (problem is IOException or System.Net.Sockets.SocketException)
        {
            kestrel.Dispose();
            throw new PortUnavailableException(options.Address, options.Port, problem);
        }

        var bound = kestrel.Features.Get<IServerAddressesFeature>()!.Addresses; // Kestrel always has this feature.
        return (kestrel, new ListeningUrls(new Uri(bound.First()), options.GrpcPort is null ? null : new Uri(bound.Last())));
    }
}

/// <summary>Where a server listens.</summary>
/// <param name="Grpc">Null where it takes no gRPC.</param>
readonly record struct ListeningUrls(Uri Http, Uri? Grpc);

/// <summary>The server can't listen where it was told to.</summary>
public sealed class PortUnavailableException(IPAddress address, int port, Exception cause) : Exception(
    $"Can't listen on {new IPEndPoint(address, port)}: {cause.Message} Stop what listens there, or choose another " +
    $"port (0 takes a free one).", cause)
{
    public IPAddress Address { get; } = address;

    public int Port { get; } = port;
}
