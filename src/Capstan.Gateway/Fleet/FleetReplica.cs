using Capstan.Serving;

namespace Capstan.Gateway;

/// <summary>What a replica is doing for its group.</summary>
enum ReplicaPhase
{
    /// <summary>It has no routing table yet.</summary>
    Starting,

    /// <summary>It takes requests.</summary>
    Ready,

    /// <summary>It finishes what it has, and stops.</summary>
    Draining,
}

/// <summary>A replica as its group sees it. Every member is used under the group's lock.</summary>
sealed class FleetReplica(IReplica replica)
{
    public IReplica Replica { get; } = replica;

    public ReplicaPhase Phase { get; set; } = ReplicaPhase.Starting;

    /// <summary>Requests that were forwarded to it and are not answered yet.</summary>
    public int InProgress { get; set; }

    /// <summary>What it had used when that was last looked at; null where the next look is the first that counts.</summary>
    public TimeSpan? LastProcessorTime { get; set; } = TimeSpan.Zero;
}

/// <summary>A place at a replica for one request; disposing gives it back.</summary>
sealed class ReplicaLease(ReplicaGroup group, FleetReplica replica) : IDisposable
{
    public Uri Address => Replica.Replica.Address;

    internal FleetReplica Replica { get; } = replica;

    public void Dispose() => group.Release(this);
}

/// <summary>A group at a moment.</summary>
/// <param name="Wanted">How many replicas the last decision wants.</param>
/// <param name="Reason">Why.</param>
/// <param name="Problem">Why the last replica that was to start did not; null where it did.</param>
public sealed record GroupState(
    int Ready, int Starting, int Draining, int Wanted, string Reason, int InProgress, int Held, long Exits, string? Problem,
    IReadOnlyList<Uri> Addresses);
