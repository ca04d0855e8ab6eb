using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Capstan.Gateway;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Service;

/// <summary>How a server is set up; checked once, when it starts.</summary>
public sealed record ServiceOptions
{
    /// <summary>The folder of everything that has no other place: the SQLite file, artifacts, folders of jobs.</summary>
    public required string DataFolder { get; init; }

    /// <summary><c>postgresql://…</c> or the path of an SQLite file; null: <c>registry.db</c> in the data folder.</summary>
    public string? Database { get; init; }

    /// <summary>A folder, or <c>s3://KEY:SECRET@host/bucket</c>; null: <c>store</c> in the data folder.</summary>
    public string? Artifacts { get; init; }

    /// <summary>The address to listen on. Anything but loopback makes keys or tokens necessary.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The TCP port; 0 takes a free one.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>
    /// The TCP port of the Open Inference Protocol over gRPC (HTTP/2), for what is deployed; 0 takes a free one, null none. It needs <see cref="Replicas"/>.
    /// </summary>
    public int? GrpcPort { get; init; }

    /// <summary>With it, the server speaks HTTPS alone.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>
    /// Who may ask: keys, tokens, and whether callers without either are owners (<see cref="AccessOptions.IsOpen"/>).
    /// </summary>
    public AccessOptions Access { get; init; } = new();

    /// <summary>How much a project may ask for; null: CMLE's numbers where callers are known, none where they are not.</summary>
    public Quotas? Quotas { get; init; }

    /// <summary>How jobs are run; null: none are, and they wait for another server on the same database.</summary>
    public IJobRunner? Jobs { get; init; }

    /// <summary>
    /// Where replicas run: the server is then a gateway, too, and its versions can be deployed. Null: it answers predictions itself.
    /// </summary>
    public IReplicaHost? Replicas { get; init; }

    /// <summary>How many jobs run at the same time.</summary>
    public int JobSlots { get; init; } = 1;

    /// <summary>The account that trainer packages run as; null: the server's own.</summary>
    public string? JobAccount { get; init; }

    /// <summary>The most memory that a trainer package may use; null: no limit.</summary>
    public long? JobMemoryBytes { get; init; }

    /// <summary>Folders of this machine that requests may name files of; null: any, which only an open server allows.</summary>
    public ImmutableArray<string>? LocalFolders { get; init; }

    /// <summary>The largest body of a request that is no upload; the default takes a pipeline of any sensible size.</summary>
    public int MaxBodyBytes { get; init; } = 4 << 20;

    /// <summary>The largest body of a prediction request: CMLE's 1.5 MiB.</summary>
    public int MaxPredictionBytes { get; init; } = 1_572_864;

    /// <summary>The largest file that can be uploaded.</summary>
    public long MaxUploadBytes { get; init; } = 10L << 30;

    /// <summary>The most bytes of a version's files: CMLE's 10 GB.</summary>
    public long MaxVersionBytes { get; init; } = 10L << 30;

    /// <summary>Each stored artifact is read and hashed again that often.</summary>
    public TimeSpan VerificationInterval { get; init; } = TimeSpan.FromDays(1);

    /// <summary>So long after no version has an artifact any more its files are removed.</summary>
    public TimeSpan CollectionDelay { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Stored with what is made here, and part of the name of this server among those that share a database.</summary>
    public string MachineName { get; init; } = "localhost";

    /// <summary>The release, as answers tell it.</summary>
    public string Release { get; init; } = "0.0.0";

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Looks up a variable of the environment, for secrets of the artifact store.</summary>
    public Func<string, string?> Environment { get; init; } = _ => null;
}
