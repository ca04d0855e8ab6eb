using System.Collections.Immutable;

namespace Capstan.Parameters;

/// <summary>What a coordinator says to one parameter server. Blocking; not thread-safe.</summary>
sealed class ServerTalk : IDisposable
{
    // Whole shards are opened, sent on and stored.
    static readonly TimeSpan LongTime = TimeSpan.FromSeconds(60);

    readonly Channel _channel;
    readonly ChannelOptions _options;

    /// <exception cref="ChannelException">Nobody answers there in time.</exception>
    public ServerTalk(ServerAddress address, string jobId, ChannelOptions options)
    {
        _channel = Channel.Connect(address, options);
        Join(_channel, jobId, "");
        _options = options;
    }

    public static void Join(Channel channel, string jobId, string name)
    {
        channel.Out.WriteText(jobId);
        channel.Out.WriteText(name);
        channel.Send(Operation.Join, FrameStatus.Ok, -1, 0, 0);
        channel.Receive();
    }

    /// <param name="checkpoint">The file to take the state from; null for a new one.</param>
    /// <exception cref="CheckpointUnreadableException">The server can't read it.</exception>
    public void Open(TrainingJob job, int shard, int epoch, string? checkpoint)
    {
        _channel.Out.WriteText(TrainingJobText.Of(job));
        _channel.Out.WriteText(checkpoint ?? "");
        var status = Ask(Operation.Open, shard, epoch);
        if (status == FrameStatus.Failed && checkpoint is not null)
        {
            throw new CheckpointUnreadableException(checkpoint, _channel.Address, _channel.In.ReadText());
        }

        Require(status);
    }

    public void Assign(int shard, int epoch, int block, ReadOnlySpan<float> values)
    {
        _channel.Out.Write(block);
        _channel.Out.Write(values);
        Require(Ask(Operation.Assign, shard, epoch));
    }

    public void Configure(int shard, int epoch, bool isPrimary, IReadOnlyCollection<ServerAddress> replicas, IReadOnlySet<ServerAddress> newcomers)
    {
        _channel.Out.Write(isPrimary ? 1 : 0);
        _channel.Out.Write(replicas.Count);
        foreach (var replica in replicas)
        {
            _channel.Out.WriteText(replica.ToString());
            _channel.Out.Write(newcomers.Contains(replica) ? 1 : 0);
        }

        Require(Ask(Operation.Configure, shard, epoch));
    }

    public void Grant(int shard, int epoch, long limit, long sumsFrom)
    {
        _channel.Out.Write(limit);
        _channel.Out.Write(sumsFrom);
        Require(Ask(Operation.Grant, shard, epoch));
    }

    /// <summary>Of the job's shards those that are there, and where each stands.</summary>
    public ImmutableArray<(int Shard, ShardStatus Status)> List()
    {
        Require(Ask(Operation.Status, -1, 0));
        var count = _channel.In.Read<int>();
        var found = ImmutableArray.CreateBuilder<(int, ShardStatus)>();
        for (var index = 0; index < count; index++)
        {
            found.Add((_channel.In.Read<int>(), ShardStatus.Read(_channel.In)));
        }

        return found.ToImmutable();
    }

    /// <param name="version">Which it should have come to; what is there is told after a moment, too.</param>
    public ShardStatus Status(int shard, long version = 0)
    {
        Require(Ask(Operation.Status, shard, 0, version));
        return ShardStatus.Read(_channel.In);
    }

    /// <returns>Null if it was stored; else why not.</returns>
    public string? Checkpoint(int shard, string path)
    {
        _channel.Out.WriteText(path);
        return Ask(Operation.Checkpoint, shard, 0) == FrameStatus.Failed ? _channel.In.ReadText() : null;
    }

    public void Close(int shard) => Ask(Operation.Close, shard, 0);

    public void Dispose() => _channel.Dispose();

    FrameStatus Ask(Operation operation, int shard, int epoch, long number = 0)
    {
        _channel.Send(operation, FrameStatus.Ok, shard, epoch, number);
        _channel.AwaitAnswersFor(
            operation is Operation.Open or Operation.Configure or Operation.Checkpoint or Operation.Assign ? LongTime : _options.ReplyTimeout);
        return _channel.Receive().Status;
    }

    /// <exception cref="ChannelException">It could not do it: as good as lost.</exception>
    void Require(FrameStatus status)
    {
        if (status != FrameStatus.Ok)
        {
            throw new ChannelException(
                _channel.Address, status == FrameStatus.Failed ? _channel.In.ReadText() : $"it answered {status}", null);
        }
    }
}

/// <summary>A shard's checkpoint is damaged, or is not there for the server that shall take it up.</summary>
sealed class CheckpointUnreadableException(string path, ServerAddress server, string problem) : Exception(
    $"{Path.GetFileName(path)}, at {server}: {problem}");
