namespace Capstan.Cluster;

/// <summary>
/// Whether anybody in a cluster works, seen from outside through its database alone: a scheduler that lives counts there twice a second,
/// and there is one wherever a node lives.
/// </summary>
/// <param name="options">As nodes of the cluster have them; only its database is asked.</param>
public sealed class ClusterPulse(NodeOptions options, TimeProvider clock)
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    // A scheduler that was killed is followed by another after about as long.
    static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    readonly JobStore _jobs = new(options.Database, options.Cluster, clock);

    /// <summary>Answers within half a second where a node lives, and after some seconds of silence where none does.</summary>
    /// <returns>False: no node is alive, or none that can be heard.</returns>
    public async Task<bool> IsAliveAsync(CancellationToken cancellationToken)
    {
        var (first, began) = (await _jobs.HeartbeatAsync(cancellationToken), clock.GetTimestamp());
        while (clock.GetElapsedTime(began) < Silence)
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
