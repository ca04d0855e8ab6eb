using System.Net;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Capstan.Serving;

/// <summary>
/// Answers prediction requests over HTTP/1.1: <c>POST /v1/models/NAME:predict</c> and <c>:explain</c>,
/// <c>GET /v1/models/NAME</c>, <c>GET /v1/models</c>, <c>GET /healthz</c>. Kestrel alone, without a host around it (decision
/// 0051).
/// </summary>
public sealed class PredictionServer : IAsyncDisposable
{
    readonly KestrelServer _kestrel;

    PredictionServer(KestrelServer kestrel, Uri url)
    {
        _kestrel = kestrel;
        Url = url;
    }

    /// <summary>Where the server listens, with the port that it got: <c>http://127.0.0.1:49152/</c>.</summary>
    public Uri Url { get; }

    /// <summary>Starts listening; when it returns, requests are answered.</summary>
    /// <param name="models">The models, each under its name.</param>
    /// <exception cref="ArgumentException">There is no model, two share a name, or one can't be served as it is.</exception>
    /// <exception cref="PortUnavailableException">The port is taken, or the address is not this machine's.</exception>
    public static async Task<PredictionServer> StartAsync(
        IEnumerable<IServedModel> models, PredictionServerOptions options, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Port, IPEndPoint.MaxPort);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxBodyBytes);
        var endpoints = new PredictionEndpoints(new ServedModels(models), options.MaxBodyBytes, options.Loggers);
        var settings = new KestrelServerOptions { AddServerHeader = false, AllowSynchronousIO = false };

        // The endpoints refuse what is too large. Kestrel's own limit would close the connection under a caller that is still
        // sending, who would then never see why; without it the rest of the body is read and dropped for some seconds.
        settings.Limits.MaxRequestBodySize = null;
        settings.Listen(options.Address, options.Port, listener => listener.Protocols = HttpProtocols.Http1);
        var kestrel = new KestrelServer(
            Options.Create(settings),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions()), options.Loggers),
            options.Loggers);
        try
        {
            await kestrel.StartAsync(new PredictionApplication(endpoints), cancellationToken);
        }
        catch (Exception problem) when (problem is IOException or System.Net.Sockets.SocketException)
        {
            kestrel.Dispose();
            throw new PortUnavailableException(options.Address, options.Port, problem);
        }

        var bound = kestrel.Features.Get<IServerAddressesFeature>()!.Addresses.First(); // Kestrel always has this feature.
        return new PredictionServer(kestrel, new Uri(bound));
    }

    /// <summary>Takes no new connection, lets requests in progress finish, and stops; on cancellation it stops at once.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _kestrel.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _kestrel.StopAsync(CancellationToken.None);
        _kestrel.Dispose();
    }
}

/// <summary>The server can't listen where it was told to.</summary>
public sealed class PortUnavailableException(IPAddress address, int port, Exception cause) : Exception(
    $"Can't listen on {new IPEndPoint(address, port)}: {cause.Message} Stop what listens there, or choose another " +
    $"port (0 takes a free one).", cause)
{
    public IPAddress Address { get; } = address;

    public int Port { get; } = port;
}
