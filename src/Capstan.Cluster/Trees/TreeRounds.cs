using System.Collections.Immutable;
using System.Globalization;
using Capstan.Models;
using Capstan.Parameters;
using Capstan.Training.Trees;

namespace Capstan.Cluster;

/// <summary>
/// The coordinator's side of growing trees: waits until all workers are there, lets them begin from the trees that there are, and takes in what
/// they grow. When one is lost the round is over for all; the next begins when its place is taken again, and only the tree under way is lost.
/// </summary>
/// <remarks>
/// A round's workers exchange everything among themselves; here come only whole trees, from the worker of rank 0. Workers of equal rank and number
/// grow equal trees, so that a tree that comes twice, or from a worker that had been taken for dead, is the same one.
/// </remarks>
sealed class TreeRounds(ICoordination job, ChannelOptions options) : ITreeSupply, IDisposable
{
    // So many trees may wait here to be looked at before the workers wait, too.
    const int Ahead = 2;

    readonly object _gate = new();
    readonly Seat?[] _seats = new Seat?[job.Job.Workers];
    readonly Queue<TreeEnsemble?> _grown = new();
    ChannelListener? _listener;
    BoostedTreesPredictor? _trees;
    int _count;
    TreeRound? _round;
    long _rounds = job.Epoch << 32;
    string? _failure;
    bool _isOver;

    public void Begin(BoostedTreesPredictor trees, int grown)
    {
        (_trees, _count) = (trees, grown);
        _listener = ChannelListener.Start(options, job.Address, 0, null, Serve);
        job.Publish(_listener.Address.ToString());
    }

    /// <exception cref="JobFailedException">A worker said why it can't be done.</exception>
    public TreeEnsemble? Next(CancellationToken cancellationToken)
    {
        using var woken = cancellationToken.Register(Wake);
        lock (_gate)
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (_failure is not null)
                {
                    throw new JobFailedException(_failure);
                }

                if (_grown.TryDequeue(out var tree))
                {
                    Monitor.PulseAll(_gate);
                    return tree;
                }

                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>Workers are told that all is done, or lose this coordinator, where another goes on.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            EndRound();
            Monitor.PulseAll(_gate);
        }

        _listener?.Dispose();
    }

    void Wake()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }

    void Serve(Channel channel)
    {
        var request = channel.Receive();
        if (request.Operation != Operation.TreesJoin || channel.In.ReadText() != job.Job.Id || (uint)request.Shard >= (uint)_seats.Length)
        {
            throw new FrameException($"operation {(int)request.Operation} is none of a worker's of this job");
        }

        var word = channel.In.ReadText();
        if (request.Status == FrameStatus.Failed)
        {
            Fail(request.Shard, word);
            return;
        }

        var seat = new Seat(request.Shard, channel, ServerAddress.Parse(word));
        try
        {
            if (Await(seat) is not { } round)
            {
                if (!job.IsHandedOver)
                {
                    channel.Send(Operation.Reply, FrameStatus.Finished, 0, 0, 0);
                }

                return;
            }

            channel.AwaitForEver();
            round.Send(channel, seat.Rank);
            while (true)
            {
                Take(seat, round, channel.Receive());
            }
        }
        finally
        {
            Leave(seat);
        }
    }

    /// <returns>Null: there is nothing to do any more.</returns>
    TreeRound? Await(Seat seat)
    {
        lock (_gate)
        {
            // One that comes while its place is taken is the same worker again, or stands for one that was given up.
            if (_seats[seat.Rank] is not null)
            {
                EndRound();
                _seats[seat.Rank]?.Channel.Dispose();
            }

            _seats[seat.Rank] = seat;
            if (!_isOver && _seats.All(each => each is not null))
            {
                _round = new TreeRound(++_rounds, [.. _seats.Select(each => each!.Door)], _count, _trees!); // all are there, and Begin came first
                Array.ForEach(_seats, each => each!.Round = _round);
                ClusterMetrics.TreeRounds.Add(1);
                job.Log(string.Create(
                    CultureInfo.InvariantCulture, $"{_seats.Length} workers grow trees{(_count > 0 ? $", after {_count:N0} that there are" : "")}"));
                Monitor.PulseAll(_gate);
            }

            while (!_isOver && seat.Round is null && _seats[seat.Rank] == seat)
            {
                Monitor.Wait(_gate);
            }

            return _isOver ? null : seat.Round;
        }
    }

    // Only the worker of rank 0 says anything, unless something is wrong.
    void Take(Seat seat, TreeRound round, FrameHeader frame)
    {
        var content = seat.Channel.In;
        if (frame.Status == FrameStatus.Failed)
        {
            Fail(seat.Rank, content.ReadText());
            return;
        }

        var tree = frame.Status == FrameStatus.Finished ? null
            : PredictorCodec.FromBytes(content.Read<byte>(content.Left).ToArray(), _trees!.Features) as BoostedTreesPredictor // as Begin had them
                ?? throw new FrameException("it holds no trees");
        lock (_gate)
        {
            // What was grown again, since drawing begins only now and then, is here already.
            if (frame.Number == _count + 1 && round == _round)
            {
                _grown.Enqueue(tree?.Trees);
                if (tree is not null)
                {
                    (_trees, _count) = (new BoostedTreesPredictor(_trees!.Output, _trees.Trees.Followed(tree.Trees), _trees.OffsetIndex), _count + 1);
                }

                Monitor.PulseAll(_gate);
            }

            while (_grown.Count > Ahead && !_isOver && round == _round)
            {
                Monitor.Wait(_gate);
            }
        }

        seat.Channel.Send(Operation.Reply, FrameStatus.Ok, 0, 0, frame.Number);
    }

    void Fail(int rank, string problem)
    {
        lock (_gate)
        {
            _failure ??= $"worker {rank}: {problem}";
            Monitor.PulseAll(_gate);
        }
    }

    void Leave(Seat seat)
    {
        lock (_gate)
        {
            if (_seats[seat.Rank] != seat)
            {
                return;
            }

            _seats[seat.Rank] = null;
            if (!_isOver && seat.Round is not null && seat.Round == _round)
            {
                job.Log($"worker {seat.Rank} is lost; the others wait for another");
            }

            if (seat.Round == _round)
            {
                EndRound();
            }
        }
    }

    // Everybody comes again: a worker that hears nothing more hangs up on its peers.
    void EndRound()
    {
        if (_round is null)
        {
            return;
        }

        for (var rank = 0; rank < _seats.Length; rank++)
        {
            if (_seats[rank]?.Round == _round)
            {
                _seats[rank]!.Channel.Dispose();
                _seats[rank] = null;
            }
        }

        _round = null;
        Monitor.PulseAll(_gate);
    }

    sealed class Seat(int rank, Channel channel, ServerAddress door)
    {
        public int Rank => rank;

        public Channel Channel => channel;

        public ServerAddress Door => door;

        public TreeRound? Round { get; set; }
    }
}
