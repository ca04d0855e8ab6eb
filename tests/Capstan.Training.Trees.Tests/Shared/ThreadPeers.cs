using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Capstan.Models;

namespace Capstan.Training.Trees.Tests.Shared;

/// <summary>Peers that are threads of this process and copy each other's memory.</summary>
sealed class ThreadPeers(int rank, ThreadPeers.Meeting meeting) : ITreePeers
{
    /// <summary>Where they meet.</summary>
    /// <param name="lostAt">The exchange in which the last of them is gone, from 1; 0 for none.</param>
    public sealed class Meeting(int count, int lostAt = 0)
    {
        public PeerPart[][] Sent { get; } = new PeerPart[count][];

        public Barrier Barrier { get; } = new(count);

        public int Count => count;

        public int LostAt => lostAt;
    }

    int _exchanges;

    public int Rank => rank;

    public int Count => meeting.Count;

    public void Exchange(ReadOnlySpan<PeerPart> sent, ReadOnlySpan<PeerPart> received)
    {
        if (++_exchanges == meeting.LostAt)
        {
            throw new PeerLostException("worker 1 is gone");
        }

        meeting.Sent[rank] = sent.ToArray();
        meeting.Barrier.SignalAndWait();
        for (var peer = 0; peer < Count; peer++)
        {
            if (peer != rank)
            {
                Assert.Equal(received[peer].Length, meeting.Sent[peer][rank].Length);
                meeting.Sent[peer][rank].Bytes.CopyTo(received[peer].Bytes);
            }
        }

        meeting.Barrier.SignalAndWait();
    }

    /// <summary>Lets each of them do something on a thread of its own; what failed first is thrown here, since the others fail for it.</summary>
    public static T[] All<T>(int count, Func<ITreePeers, T> act, int lostAt = 0)
    {
        var meeting = new Meeting(count, lostAt);
        var (results, faults) = (new T[count], new ConcurrentQueue<ExceptionDispatchInfo>());
        var threads = Enumerable.Range(0, count).Select(rank => new Thread(() =>
        {
            try
            {
                results[rank] = act(new ThreadPeers(rank, meeting));
            }
            catch (Exception fault) // the edge of a thread
            {
                faults.Enqueue(ExceptionDispatchInfo.Capture(fault));
                meeting.Barrier.RemoveParticipant();
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        faults.FirstOrDefault()?.Throw();
        return results;
    }
}

/// <summary>Has trees grown by threads of this process, a few at a time, as if each round's workers had died after them.</summary>
/// <param name="treesPerRound">How many trees a round of workers lives.</param>
sealed class ThreadSupply(
    Loss loss, FeatureStore rows, BoostedTreesOptions options, int workers, int treesPerRound = int.MaxValue) : ITreeSupply
{
    readonly Queue<TreeEnsemble?> _next = new();
    TreeEnsemble _trees = TreeEnsemble.Constant(rows.Layout);
    int _start;
    int _grown;

    public int Rounds { get; private set; }

    public void Begin(BoostedTreesPredictor trees, int grown) =>
        (_trees, _start, _grown) = (trees.Trees, trees.Trees.TreeCount - grown * loss.Output.Width, grown);

    public TreeEnsemble? Next(CancellationToken cancellationToken)
    {
        if (_next.Count == 0)
        {
            Round(cancellationToken);
        }

        return _next.Dequeue();
    }

    void Round(CancellationToken cancellationToken)
    {
        Rounds++;
        var first = _grown;
        while (!SharedGrowth.MayBeginAfter(first, options))
        {
            first--;
        }

        var start = new BoostedTreesPredictor(loss.Output, _trees.First(_start + first * loss.Output.Width));
        var grown = ThreadPeers.All(workers, peers =>
        {
            using var own = new SharedRows(loss, rows, new RowShare(peers.Rank, peers.Count), options, cancellationToken);
            using var growth = new SharedGrowth(own, start, first, peers, cancellationToken);
            var trees = new List<TreeEnsemble?>();
            while (growth.Grown < options.Trees && trees.Count < Math.Max(treesPerRound, _grown - first + 1))
            {
                trees.Add(growth.Grow(cancellationToken));
                if (trees[^1] is null)
                {
                    break;
                }
            }

            return trees;
        });
        Assert.All(grown, trees => Assert.Equal(Bytes(grown[0]), Bytes(trees)));
        foreach (var tree in grown[0].Skip(_grown - first))
        {
            _next.Enqueue(tree);
            if (tree is not null)
            {
                (_trees, _grown) = (_trees.Followed(tree), _grown + 1);
            }
        }
    }

    string Bytes(List<TreeEnsemble?> trees) => string.Join(
        '\n', trees.Select(tree => tree is null ? "" : Convert.ToHexString(PredictorCodec.ToBytes(new BoostedTreesPredictor(loss.Output, tree)))));
}
