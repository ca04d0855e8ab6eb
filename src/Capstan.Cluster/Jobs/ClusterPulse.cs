namespace Capstan.Cluster;

/// <summary>
/// Whether anybody in a cluster works, seen from outside through its database alone: a scheduler that lives counts there twice a second,
/// and there is one wherever a node lives.
/// </summary>
/// <param name="options">As nodes of the cluster have them; only its database is asked.</param>
public sealed class ClusterPulse(NodeOptions options, TimeProvider clock)
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    // A scheduler that was killed is followed by another after about as long: three seconds. In looks, since of a time in which this process, or the
    // whole machine, is kept from running there is nothing to conclude.
    const int Looks = 30;

    readonly JobStore _jobs = new(options.Database, options.Cluster, clock);

    /// <summary>Answers within half a second where a node lives, and after some seconds of silence where none does.</summary>
    /// <returns>False: no node is alive, or none that can be heard.</returns>
    public async Task<bool> IsAliveAsync(CancellationToken cancellationToken)
    {
        var first = await _jobs.HeartbeatAsync(cancellationToken);
        for (var look = 0; look < Looks; look++)
        {
            await Task.Delay(Look, clock, cancellationToken);
            if (await _jobs.HeartbeatAsync(cancellationToken) != first)
            {
                return true;
            }
        }

        return false;
    }
}
