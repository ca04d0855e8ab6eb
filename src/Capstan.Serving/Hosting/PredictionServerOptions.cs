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

    /// <summary>The largest request body; the default is 1.5 MiB, as Cloud ML Engine had.</summary>
    public int MaxBodyBytes { get; init; } = 1_572_864;

    /// <summary>Receives failures of the server itself; requests that are refused are told to the caller only.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
