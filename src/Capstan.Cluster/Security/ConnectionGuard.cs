using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Capstan.Cluster;

/// <summary>
/// Stands before Orleans on every connection: the token's handshake comes first, and who fails it is cut off and counted.
/// </summary>
/// <param name="invitation">What a node that joins is told; it then hangs up and comes back as a silo.</param>
sealed class ConnectionGuard(JoinToken token, NodeMetrics metrics, byte[] invitation)
{
    // Whoever says nothing for so long is not one of ours; a busy machine gets time.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public ConnectionDelegate Accept(ConnectionDelegate next, ConnectionPurpose expected) => async connection =>
    {
        switch (await HandshakeAsync(connection, cancel => TokenHandshake.AcceptAsync(connection.Transport, token, cancel)))
        {
            case var (purpose, _) when purpose == expected:
                await next(connection);
                return;
            case (ConnectionPurpose.Join, var key):
                await connection.Transport.Output.WriteAsync(Sealed.Close(invitation, key));
                // What is written is sent only as long as the connection lives: the peer hangs up when it has read.
                await HandshakeAsync(connection, async cancel =>
                    (await connection.Transport.Input.ReadAsync(cancel)).IsCompleted ? (bool?)true : null);
                return;
            default:
                metrics.Refused();
                connection.Abort(new ConnectionAbortedException("The peer does not hold the cluster's token."));
                return;
        }
    };

    public ConnectionDelegate Call(ConnectionDelegate next, ConnectionPurpose purpose) => async connection =>
    {
        var key = await HandshakeAsync(connection, async cancel =>
            await TokenHandshake.CallAsync(connection.Transport, token, purpose, cancel) is { } shared ? ((byte[] Key, bool)?)(shared, true) : null);
        if (key is null)
        {
            connection.Abort(new ConnectionAbortedException($"{connection.RemoteEndPoint} does not hold the cluster's token."));
            return;
        }

        await next(connection);
    };

    static async Task<T?> HandshakeAsync<T>(ConnectionContext connection, Func<CancellationToken, Task<T?>> shake)
        where T : struct
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        patience.CancelAfter(Patience);
        try
        {
            return await shake(patience.Token);
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException or InvalidOperationException)
        {
            return null;
        }
    }
}
