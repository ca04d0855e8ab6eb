namespace Capstan.Cluster;

/// <summary>
/// Where machines come from. A lease lasts as long as the command that it was given for: a pool takes the machine back when that
/// ends, also when nobody is left to return it.
/// </summary>
public interface IMachinePool
{
    /// <summary>As <see cref="MachinePools.Parse"/> takes it.</summary>
    string Name { get; }

    /// <summary>Whether commands may run on other machines than this one, so that addresses must lead here from there.</summary>
    bool IsRemote { get; }

    /// <summary>Starts a command on a machine.</summary>
    /// <returns>Null: the pool is full. A pool that keeps a queue of its own takes the request and says <see
    /// cref="LeaseState.Waiting"/>.</returns>
    /// <exception cref="PoolException">The pool refused for a reason that waiting does not mend.</exception>
    ValueTask<MachineLease?> TryLeaseAsync(MachineRequest request, CancellationToken cancellationToken);

    /// <exception cref="PoolException">The pool did not answer.</exception>
    ValueTask<LeaseState> LookAsync(MachineLease lease, CancellationToken cancellationToken);

    /// <summary>
    /// Ends the command, asking first and then forcing, and gives the machine back. Nothing happens where it has ended before.
    /// </summary>
    ValueTask ReturnAsync(MachineLease lease, CancellationToken cancellationToken);
}
