using Capstan.Gateway;

namespace Capstan.Cluster;

/// <summary>A replica on a machine of a pool. Disposing ends it and gives the machine back.</summary>
sealed class PoolReplica(ReplicaConnection connection, IMachinePool pool, MachineLease lease, string log) : IReplica
{
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    public Uri Address { get; } = connection.Address;

    // Its machine may have another disk, and nobody can tell from here.
    public bool SharesFolders => false;

    public Task Exited { get; } = connection.Ended;

    public TimeSpan? ProcessorTime => connection.ProcessorTime;

    public async ValueTask DisposeAsync()
    {
        connection.HangUp();
        try
        {
            await Exited.WaitAsync(Grace);
        }
        catch (TimeoutException)
        {
            // The pool ends it by force.
        }

        await connection.DisposeAsync();
        await pool.ReturnAsync(lease, CancellationToken.None);
        try
        {
            File.Delete(log);
        }
        catch (IOException)
        {
            // It is of no use any more, and does no harm.
        }
    }
}
