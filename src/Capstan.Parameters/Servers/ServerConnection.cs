using Capstan.Data;

namespace Capstan.Parameters;

/// <summary>
/// One connection to a parameter server: reads requests and answers them, one after another, until the other end leaves.
/// </summary>
sealed partial class ServerConnection(ParameterServer server, Channel channel, ChannelOptions options)
{
    readonly KeyMemory _pulled = new();
    readonly KeyMemory _pushed = new();
    readonly int _worker = server.NextWorker();
    string _job = "";
    Shard? _led;
    long _leasedAt;
    int _leasedParts;

    public void Run()
    {
        try
        {
            while (true)
            {
                Answer(channel.Receive());
            }
        }
        finally
        {
            _led?.Leave(_worker);
        }
    }

    void Answer(in FrameHeader request)
    {
        if (request.Operation == Operation.Join)
        {
            _job = channel.In.ReadText();
            channel.In.ReadText(); // the worker's name, for whoever watches
            Reply(FrameStatus.Ok, request);
            return;
        }

        var shard = server.Find(_job, request.Shard);
        switch (request.Operation)
        {
            case Operation.Open:
                Open(request);
                break;
            case Operation.State:
                TakeState(request);
                break;
            case Operation.Status when request.Shard < 0:
                List(request);
                break;
            case var _ when shard is null:
                Reply(FrameStatus.Unknown, request);
                break;
            default:
                Answer(request, shard);
                break;
        }
    }

    void Answer(in FrameHeader request, Shard shard)
    {
        switch (request.Operation)
        {
            case Operation.Pull:
                shard.Pull(request.Epoch, request.Number, channel, _pulled);
                break;
            case Operation.Push:
                Reply(shard.Push(request.Epoch, request.Number, channel.In, _pushed, _worker), request, shard);
                break;
            case Operation.PushThenAsk:
                _answered = shard.Push(request.Epoch, request.Number, channel.In, _pushed, _worker);
                break;
            case Operation.Ask:
                Answer(_answered, request, shard);
                break;
            case Operation.Lease:
                Lease(request, shard);
                break;
            case Operation.Assign:
                Reply(shard.Assign(request.Epoch, channel.In), request, shard);
                break;
            case Operation.Grant:
                Reply(shard.Grant(request.Epoch, channel.In.Read<long>(), channel.In.Read<long>()), request, shard);
                break;
            case Operation.Status:
                shard.Describe(channel.Out, request.Number);
                Reply(FrameStatus.Ok, request, shard);
                break;
            case Operation.Configure:
                Configure(request, shard);
                break;
            case Operation.Checkpoint:
                Try(request, () => shard.SaveTo(channel.In.ReadText()));
                break;
            case Operation.Close:
                server.Close(_job, request.Shard);
                Reply(FrameStatus.Ok, request);
                break;
            default:
                throw new FrameException($"operation {(int)request.Operation} is none of a parameter server's");
        }
    }

    void Lease(in FrameHeader request, Shard shard)
    {
        EndLease(shard);
        var status = shard.Lease(request.Epoch, _worker, out var lease);
        if (status == FrameStatus.Ok)
        {
            channel.Out.Write(lease);
            BeginLease(lease);
        }

        Reply(status, request, shard);
    }

    void BeginLease(in WorkLease lease) => (_leasedAt, _leasedParts) = (server.Clock.GetTimestamp(), lease.PartCount);

    /// <summary>Notes how long the worker took for what it was given last.</summary>
    void EndLease(Shard shard)
    {
        _led = shard;
        if (_leasedParts > 0)
        {
            shard.Timed(_worker, _leasedParts, server.Clock.GetElapsedTime(_leasedAt).TotalSeconds);
            _leasedParts = 0;
        }
    }

    void Open(FrameHeader request) => Try(request, () =>
    {
        var job = TrainingJobText.Parse(channel.In.ReadText());
        var path = channel.In.ReadText();
        var shard = server.Open(job, request.Shard, request.Epoch);
        _job = job.Id;
        if (path.Length > 0)
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
            shard.RestoreFrom(stream, 0);
        }
    });

    void TakeState(FrameHeader request) => Try(request, () =>
    {
        var job = TrainingJobText.Parse(channel.In.ReadText());
        var limit = channel.In.Read<long>();
        using var stream = new MemoryStream(channel.In.Read<byte>(channel.In.Left).ToArray());
        server.Open(job, request.Shard, request.Epoch).RestoreFrom(stream, limit);
    });

    void Configure(FrameHeader request, Shard shard) => Try(request, () =>
    {
        var isPrimary = channel.In.Read<int>() != 0;
        var replicas = new ServerAddress[channel.In.Read<int>()];
        var newcomers = new HashSet<ServerAddress>();
        for (var index = 0; index < replicas.Length; index++)
        {
            replicas[index] = ServerAddress.Parse(channel.In.ReadText());
            if (channel.In.Read<int>() != 0)
            {
                newcomers.Add(replicas[index]);
            }
        }

        shard.Configure(request.Epoch, isPrimary, replicas, newcomers, options);
    });

    /// <summary>Which shards of the connection's job are here, and where each stands.</summary>
    void List(in FrameHeader request)
    {
        var indexes = server.ShardsOf(_job);
        var counted = channel.Out.Length;
        channel.Out.Write(0);
        var found = 0;
        foreach (var index in indexes)
        {
            if (server.Find(_job, index) is { } shard)
            {
                channel.Out.Write(index);
                shard.Describe(channel.Out, 0);
                found++;
            }
        }

        channel.Out.Patch(counted, found);
        Reply(FrameStatus.Ok, request);
    }

    void Try(FrameHeader request, Action action)
    {
        var status = FrameStatus.Ok;
        try
        {
            action();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or CorruptStateException or ChannelException
            or FormatException or ArgumentException)
        {
            status = FrameStatus.Failed;
            channel.Out.Clear();
            channel.Out.WriteText(cause.Message);
        }

        Reply(status, request);
    }

    void Reply(FrameStatus status, in FrameHeader request, Shard? shard = null) =>
        channel.Send(Operation.Reply, status, request.Shard, shard?.Epoch ?? request.Epoch, request.Number);
}
