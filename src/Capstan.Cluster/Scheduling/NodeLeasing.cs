using System.Collections.Immutable;
using System.Globalization;

namespace Capstan.Cluster;

/// <summary>Gets nodes that jobs lack from the pools that the jobs name, and forgets leases that have ended.</summary>
sealed class NodeLeasing(NodeOptions options, TimeProvider clock)
{
    // A pool is asked how its leases stand now and then: each question is a process with Slurm.
    static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    readonly LeaseStore _leases = new(options.Database, options.Cluster);
    readonly Dictionary<string, IMachinePool> _pools = new(StringComparer.Ordinal);
    long _looked;

    public async Task LeaseAsync(
        ImmutableArray<LackingNode> lacking, IReadOnlyList<JobRecord> jobs, IReadOnlySet<string> reporting, CancellationToken cancellationToken)
    {
        if (_looked != 0 && clock.GetElapsedTime(_looked) < Look && lacking.IsEmpty)
        {
            return;
        }

        _looked = clock.GetTimestamp();
        var held = await _leases.AllAsync(cancellationToken);
        var coming = new List<NodeLease>();
        foreach (var lease in held.Where(lease => !reporting.Contains(lease.Node)))
        {
            if (await PoolOf(lease.Lease.Pool).LookAsync(lease.Lease, cancellationToken) == LeaseState.Ended)
            {
                await _leases.RemoveAsync(lease.Node, cancellationToken);
            }
            else
            {
                coming.Add(lease);
            }
        }

        foreach (var lack in lacking)
        {
            var expected = coming.FindIndex(lease => lease.Roles.HasFlag(lack.Role));
            if (expected >= 0)
            {
                coming.RemoveAt(expected);
            }
            else if (jobs.First(job => job.Definition.Id == lack.Job).Definition is { Pool: not null } job
                && !await TryLeaseAsync(job, lack.Role, cancellationToken))
            {
                // Full: it makes no sense to ask for the others.
                return;
            }
        }
    }

    /// <summary>A node leaves by itself: it is none that is on its way, though its process still runs.</summary>
    public Task ForgetAsync(string node, CancellationToken cancellationToken) => _leases.RemoveAsync(node, cancellationToken);

    /// <summary>Gets a first node, where none is that could get others.</summary>
    /// <returns>False: the pool is full.</returns>
    public Task<bool> TrySeedAsync(JobDefinition job, CancellationToken cancellationToken) =>
        TryLeaseAsync(job, job.ParameterServers > 0 ? NodeRoles.ParameterServer : NodeRoles.Worker, cancellationToken);

    async Task<bool> TryLeaseAsync(JobDefinition job, NodeRoles role, CancellationToken cancellationToken)
    {
        // Lexical order is the order of leasing; the epoch of a clock keeps names of an earlier scheduler apart.
        var name = $"{(role == NodeRoles.Worker ? "worker" : "ps")}-{clock.GetUtcNow().UtcTicks.ToString("x", CultureInfo.InvariantCulture)}";
        var request = NodeProgram.Request(options, name, role, job);
        var lease = await PoolOf(job.Pool!).TryLeaseAsync(request, cancellationToken); // the caller saw that there is a pool
        if (lease is { } given)
        {
            ClusterMetrics.Leases.Add(1);
            await _leases.AddAsync(new NodeLease(name, role, given), cancellationToken);
        }

        return lease is not null;
    }

    IMachinePool PoolOf(string name)
    {
        if (!_pools.TryGetValue(name, out var pool))
        {
            _pools[name] = pool = MachinePools.Parse(name, options.Leases);
        }

        return pool;
    }
}
