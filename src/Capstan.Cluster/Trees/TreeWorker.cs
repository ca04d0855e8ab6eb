using System.Globalization;
using System.Net;
using Capstan.Models;
using Capstan.Parameters;
using Capstan.Training;
using Capstan.Training.Trees;

namespace Capstan.Cluster;

/// <summary>A worker's side of growing trees: holds a share of the rows in bins, and grows from it, round by round, with the others.</summary>
sealed class TreeWorker : IDisposable
{
    // Between two tries to reach a coordinator.
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    readonly IWorkplace _job;
    readonly FeatureStore _store;
    readonly Loss _loss;
    readonly BoostedTreesOptions _options;
    readonly ChannelOptions _channel;
    readonly TimeProvider _clock;
    readonly PeerDoor _door;
    SharedRows? _rows;

    /// <param name="store">All rows of the training, as every worker has them.</param>
    /// <param name="address">Where other workers reach this one.</param>
    public TreeWorker(
        IWorkplace job, FeatureStore store, Loss loss, BoostedTreesOptions options, ChannelOptions channel, IPAddress address, TimeProvider clock)
    {
        (_job, _store, _loss, _options, _channel, _clock) = (job, store, loss, options, channel, clock);
        _door = new PeerDoor(job.Job.Id, channel, address);
    }

    /// <summary>Grows trees until there is nothing more to do.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        string? problem = null;
        while (true)
        {
            // It is published when the coordinator is ready for workers, and again by each that follows.
            var endpoint = ServerAddress.Parse(await _job.EndpointAsync(cancellationToken));
            try
            {
                // Arithmetic and blocking sockets for minutes, and LightGBM's network is a thread's: a thread of its own.
                if (await Task.Factory.StartNew(
                    () => Round(endpoint, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default))
                {
                    return;
                }
            }
            catch (Exception lost) when (lost is ChannelException or PeerLostException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (lost.Message != problem)
                {
                    _job.Log($"begins again: {problem = lost.Message}");
                }

                await Task.Delay(Pause, _clock, cancellationToken);
            }
        }
    }

    public void Dispose()
    {
        _door.Dispose();
        _rows?.Dispose();
    }

    /// <returns>Whether the coordinator wants nothing more.</returns>
    bool Round(ServerAddress coordinator, CancellationToken cancellationToken)
    {
        string? problem = null;
        try
        {
            _rows ??= Bin(cancellationToken);
        }
        catch (Exception fault) when (fault is ArgumentException or LightGbmException)
        {
            problem = fault.Message;
        }

        using var channel = Channel.Connect(coordinator, _channel);
        channel.AwaitForEver();
        using var hangUp = cancellationToken.Register(channel.Dispose);
        channel.Out.WriteText(_job.Job.Id);
        channel.Out.WriteText(problem ?? _door.Address.ToString());
        channel.Send(Operation.TreesJoin, problem is null ? FrameStatus.Ok : FrameStatus.Failed, _job.Index, 0, 0);
        var begin = channel.Receive();
        if (begin.Operation != Operation.TreesBegin)
        {
            return true;
        }

        Grow(TreeRound.Read(begin, channel.In, _store.Layout), channel, cancellationToken);
        return false;
    }

    SharedRows Bin(CancellationToken cancellationToken)
    {
        var rows = new SharedRows(_loss, _store, new RowShare(_job.Index, _job.Job.Workers), _options, cancellationToken);
        _job.Log(string.Create(CultureInfo.InvariantCulture, $"holds {rows.RowCount:N0} of {_store.RowCount:N0} rows"));
        return rows;
    }

    void Grow(TreeRound round, Channel channel, CancellationToken cancellationToken)
    {
        using var mesh = PeerMesh.Join(_job.Job.Id, round.Number, _job.Index, round.Doors, _door, _channel, _clock);
        using var taken = new SemaphoreSlim(2);
        var listening = new Thread(() => Listen(channel, mesh, taken)) { IsBackground = true, Name = "Capstan trees" };
        listening.Start();
        try
        {
            // The share's rows have been binned, or this worker would not be here.
            Grow(round, _rows!, mesh, channel, taken, cancellationToken);
            // All are grown, and it is for the coordinator to end the round.
            listening.Join();
        }
        catch (Exception fault) when (fault is ArgumentException or LightGbmException or PeersDisagreeException)
        {
            channel.Out.Clear();
            channel.Out.WriteText(fault.Message);
            channel.Send(Operation.TreesGrown, FrameStatus.Failed, _job.Index, 0, 0);
            listening.Join();
        }
        finally
        {
            channel.Dispose();
            listening.Join();
        }
    }

    void Grow(TreeRound round, SharedRows rows, PeerMesh mesh, Channel channel, SemaphoreSlim taken, CancellationToken cancellationToken)
    {
        var first = round.Grown;
        while (!SharedGrowth.MayBeginAfter(first, _options))
        {
            first--;
        }

        var start = round.Trees.Trees.First(round.Trees.Trees.TreeCount - (round.Grown - first) * _loss.Output.Width);
        using var growth = new SharedGrowth(
            rows, new BoostedTreesPredictor(_loss.Output, start, round.Trees.OffsetIndex), first, mesh, cancellationToken);
        var (isSplit, pace) = (true, new TreePace());
        while (isSplit && growth.Grown < _options.Trees)
        {
            var (began, waited, bytes) = (_clock.GetTimestamp(), mesh.Waited, mesh.Bytes);
            using var activity = ClusterMetrics.Activities.StartActivity("tree");
            activity?.SetTag("job", _job.Job.Id).SetTag("worker", _job.Index).SetTag("tree", growth.Grown + 1);
            var tree = growth.Grow(cancellationToken);
            isSplit = tree is not null;
            pace.Add(_clock.GetElapsedTime(began), mesh.Waited - waited);
            ClusterMetrics.TreesGrown.Add(1);
            ClusterMetrics.TreeDuration.Record(_clock.GetElapsedTime(began).TotalSeconds);
            ClusterMetrics.TreeWait.Record((mesh.Waited - waited).TotalSeconds);
            ClusterMetrics.TreeBytes.Add(mesh.Bytes - bytes);
            _job.Progress(pace.Text(rows.RowCount, growth.Grown, _options.Trees));
            if (_job.Index == 0)
            {
                Send(tree, growth.Grown + (isSplit ? 0 : 1), channel);
                taken.Wait(cancellationToken);
            }
        }
    }

    void Send(TreeEnsemble? tree, int number, Channel channel)
    {
        if (tree is not null)
        {
            channel.Out.Write<byte>(PredictorCodec.ToBytes(new BoostedTreesPredictor(_loss.Output, tree)));
        }

        channel.Send(Operation.TreesGrown, tree is null ? FrameStatus.Finished : FrameStatus.Ok, _job.Index, 0, number);
    }

    /// <summary>Hears that trees were taken in, and that the round is over, which ends what waits for peers.</summary>
    static void Listen(Channel channel, PeerMesh mesh, SemaphoreSlim taken)
    {
        try
        {
            while (true)
            {
                channel.Receive();
                taken.Release();
            }
        }
        catch (Exception over) when (over is ChannelException or FrameException)
        {
            mesh.Dispose();
            taken.Release();
        }
    }
}
