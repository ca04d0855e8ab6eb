using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Gateway;

/// <summary>Where a gateway keeps what it knows, where its replicas run, and how long it holds requests.</summary>
public sealed record GatewayOptions
{
    /// <summary>The folder of the routing table and of recorded outcomes; made if need be. A gateway that starts in it goes on.</summary>
    public required string Home { get; init; }

    public required IReplicaHost Replicas { get; init; }

    /// <summary>Where routes are kept; null: in <see cref="Home"/>, for this gateway alone.</summary>
    public IRouteStore? Routes { get; init; }

    /// <summary>Where outcomes are kept; null: in <see cref="Home"/>, for this gateway alone.</summary>
    public IExperimentStore? Experiments { get; init; }

    /// <summary>Knows the versions that can be deployed by name.</summary>
    public IVersionCatalog Catalog { get; init; } = new EmptyCatalog();

    /// <summary>
    /// Whether a deployment may name a folder of this machine instead of a version of the catalog. Whoever reaches the gateway may
    /// then deploy whatever model it can read.
    /// </summary>
    public bool TakesFolders { get; init; }

    /// <summary>The name of the route of a project's model, for addresses of the form /v1/projects/PROJECT/models/MODEL.</summary>
    public Func<string, string, string> ModelNameOf { get; init; } = (_, model) => model;

    /// <summary>How long a request is held until there is a place for it.</summary>
    public TimeSpan HoldFor { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many requests of a model are held at the same time; more are told to come again.</summary>
    public int MostHeld { get; init; } = 10_000;

    /// <summary>The largest request body; the default is 1.5 MiB, as Cloud ML Engine had.</summary>
    public int MaxBodyBytes { get; init; } = 1_572_864;

    /// <summary>Makes the secret that a group's replicas are started with.</summary>
    public Func<string> NewToken { get; init; } = () => RandomNumberGenerator.GetHexString(32);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
