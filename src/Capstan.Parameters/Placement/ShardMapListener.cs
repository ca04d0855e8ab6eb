using System.Net;

namespace Capstan.Parameters;

/// <summary>Lets members in other processes ask a coordinator's map, over the same channels as everything else.</summary>
sealed class ShardMapListener : IDisposable
{
    readonly ChannelListener _listener;

    ShardMapListener(IShardMap map, ChannelOptions options, IPAddress address, int port, string? host) =>
        _listener = ChannelListener.Start(options, address, port, host, channel => Serve(map, channel));

    public ServerAddress Address => _listener.Address;

    /// <exception cref="System.Net.Sockets.SocketException">The port is not free.</exception>
    public static ShardMapListener Start(IShardMap map, ChannelOptions options, IPAddress address, int port, string? host = null) =>
        new(map, options, address, port, host);

    public void Dispose() => _listener.Dispose();

    static void Serve(IShardMap map, Channel channel)
    {
        while (true)
        {
            var request = channel.Receive();
            var job = channel.In.ReadText();
            var asked = request.Operation switch
            {
                Operation.GetMap => map.GetAsync(job, CancellationToken.None),
                Operation.ReportMap => map.ReportAsync(job, request.Epoch, request.Shard, CancellationToken.None),
                var other => throw new FrameException($"operation {(int)other} is none of a map's"),
            };

            // The thread is the channel's own, and has nothing else to do.
            var found = asked.AsTask().GetAwaiter().GetResult();
            channel.Out.Write(found.Shards.Length);
            foreach (var placement in found.Shards)
            {
                channel.Out.WriteText(placement.Primary.ToString());
                channel.Out.WriteText(string.Join(' ', placement.Replicas));
            }

            channel.Send(Operation.Reply, FrameStatus.Ok, 0, found.Epoch, 0);
        }
    }
}

/// <summary>A coordinator's map, asked from another process. Thread-safe.</summary>
/// <param name="address">Of its <see cref="ShardMapListener"/>.</param>
sealed class RemoteShardMap(ServerAddress address, ChannelOptions options) : IShardMap
{
    // A coordinator waits for its first placing, and places anew, before it answers.
    static readonly TimeSpan LongTime = TimeSpan.FromSeconds(60);

    /// <exception cref="ChannelException">The coordinator does not answer.</exception>
    public ValueTask<ShardMap> GetAsync(string jobId, CancellationToken cancellationToken) =>
        new(Task.Run(() => Ask(Operation.GetMap, jobId, 0, 0), cancellationToken));

    /// <exception cref="ChannelException">The coordinator does not answer.</exception>
    public ValueTask<ShardMap> ReportAsync(string jobId, int epoch, int shardIndex, CancellationToken cancellationToken) =>
        new(Task.Run(() => Ask(Operation.ReportMap, jobId, epoch, shardIndex), cancellationToken));

    ShardMap Ask(Operation operation, string jobId, int epoch, int shardIndex)
    {
        using var channel = Channel.Connect(address, options);
        channel.AwaitAnswersFor(LongTime);
        channel.Out.WriteText(jobId);
        channel.Send(operation, FrameStatus.Ok, shardIndex, epoch, 0);
        var reply = channel.Receive();
        var shards = new ShardPlacement[channel.In.Read<int>()];
        for (var shard = 0; shard < shards.Length; shard++)
        {
            shards[shard] = new ShardPlacement(
                ServerAddress.Parse(channel.In.ReadText()),
                [.. channel.In.ReadText().Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ServerAddress.Parse)]);
        }

        return new ShardMap(reply.Epoch, [.. shards]);
    }
}
