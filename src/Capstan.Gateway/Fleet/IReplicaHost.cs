namespace Capstan.Gateway;

/// <summary>What a new replica has to know.</summary>
/// <param name="Group">Whose replica it is: the model's name.</param>
/// <param name="Token">With which the gateway will give it routing tables.</param>
public sealed record ReplicaStart(string Group, string Token)
{
    /// <summary>The variable of the environment in which a replica finds its token.</summary>
    public const string TokenVariable = "CAPSTAN_REPLICA_TOKEN";
}

/// <summary>Where replicas run: processes of this machine, or of machines that a pool lends.</summary>
public interface IReplicaHost
{
    /// <summary>Starts a replica; when it returns, the replica takes connections and has no routing table yet.</summary>
    /// <exception cref="ReplicaStartException">It did not come up.</exception>
    Task<IReplica> StartAsync(ReplicaStart start, CancellationToken cancellationToken);
}

/// <summary>A replica that runs. Disposing stops it.</summary>
public interface IReplica : IAsyncDisposable
{
    /// <summary>Where the gateway reaches it.</summary>
    Uri Address { get; }

    /// <summary>Whether it sees the folders of this machine; artifacts are sent to one that does not.</summary>
    bool SharesFolders { get; }

    /// <summary>Ends when the replica does, whoever ended it; never fails.</summary>
    Task Exited { get; }

    /// <summary>All processor time that it and the processes of its imported models have used so far; null where that can't be seen from here.</summary>
    TimeSpan? ProcessorTime { get; }
}

/// <summary>A replica did not come up.</summary>
public sealed class ReplicaStartException(string reason, Exception? cause = null) : Exception(
    $"A replica did not start: {reason}", cause);
