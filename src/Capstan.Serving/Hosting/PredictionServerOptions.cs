using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Serving;

/// <summary>Where a server listens and what it accepts.</summary>
public sealed record PredictionServerOptions
{
    /// <summary>The address to listen on. Anything but loopback lets other machines ask for predictions.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The TCP port; 0 takes a free one, which <see cref="PredictionServer.Url"/> tells.</summary>
    public int Port { get; init; }

    /// <summary>
    /// The TCP port of gRPC (HTTP/2 without TLS, which can't share the other); 0 takes a free one, null takes none.
    /// </summary>
    public int? GrpcPort { get; init; }

    /// <summary>The largest request body; the default is 1.5 MiB, as Cloud ML Engine had.</summary>
    public int MaxBodyBytes { get; init; } = 1_572_864;

    /// <summary>The most connections at the same time; more are closed at once.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>Decides which version answers where callers do not stick to one.</summary>
    public ulong Seed { get; init; } = 1;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Receives failures of the server itself; requests that are refused are told to the caller only.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <exception cref="ArgumentOutOfRangeException">A limit or the port is out of its range.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Port, IPEndPoint.MaxPort);
        ArgumentOutOfRangeException.ThrowIfNegative(GrpcPort ?? 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(GrpcPort ?? 0, IPEndPoint.MaxPort);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxBodyBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxConnections);
    }
}
