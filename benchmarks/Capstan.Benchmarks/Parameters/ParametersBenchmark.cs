using System.Collections.Immutable;
using System.Diagnostics;
using Capstan.Features;
using Capstan.Models;
using Capstan.Parameters;
using Capstan.Training;

namespace Capstan.Benchmarks;

/// <summary>
/// What travels between a worker and a parameter server in another process, against bare sockets; and what a training costs
/// that way, against the same training in one process. By the clock, since waiting is part of it.
/// </summary>
static class ParametersBenchmark
{
    const int Pairs = 9;
    const int DenseRounds = 40;
    const int SparseRounds = 40;
    const int SmallRounds = 2_000;
    const int SparseKeys = 100_000;
    const int TableRowCount = 1_000_000;

    // ps-lite at commit 15b8adf over the same loopback, 100,000 keys a request, an empty handler: measured once, on such a
    // machine.
    const double PsLitePush = 122e6;
    const double PsLitePull = 98e6;

    public static BenchmarkReport Run()
    {
        using var peer = new ParameterPeer();
        BenchmarkRow[] rows =
        [
            .. Dense(peer), .. Sparse(peer), Small(peer), Adam(), .. TrainingCost.Measure(), FailoverTime.Measure(),
        ];
        return Report("parameters", rows);
    }

    /// <summary>Of those rows what a training costs, alone.</summary>
    public static BenchmarkReport RunTraining() => Report("parameters-training", [.. TrainingCost.Measure()]);

    static BenchmarkReport Report(string area, BenchmarkRow[] rows) => new(
        area,
        [
            .. MachineFacts.All().Where(fact => fact.Item1 != "rates"), ("rates", "per second of the clock unless said otherwise; medians of pairs"),
            ("sparse peer", "figures of ps-lite from an earlier run, not interleaved"),
        ],
        rows);

    static IEnumerable<BenchmarkRow> Dense(ParameterPeer peer)
    {
        // One layer of 1,024 × 1,024 weights, 4 MiB; a step of so many parts that none is made while we measure.
        var layout = new FeatureLayout(Enumerable.Range(0, 1_023).Select(index => FeatureSpec.Numeric($"x{index}")));
        var job = new TrainingJob(
            "dense", new Loss.Logistic(), layout, new LearnerDefinition.Network(new DnnOptions { HiddenUnits = [1_024] }, LabelScaling.Identity),
            new TrainingOptions { BatchSize = 100_000_000 }, 100_000_000);
        using var member = new BenchmarkMember(job, peer.Address);
        var bytes = member.DenseBytes;
        var part = 0;
        member.PushDense(part++);
        member.Pull(0);
        peer.RawPush(bytes);
        peer.RawPull(bytes);
        var (push, pull, both) = (new List<RatePair>(), new List<RatePair>(), new List<RatePair>());
        for (var pair = 0; pair < Pairs; pair++)
        {
            var ours = (Push: Seconds(DenseRounds, () => member.PushDense(part++)), Pull: Seconds(DenseRounds, () => member.Pull(0)));
            var theirs = (Push: Seconds(DenseRounds, () => peer.RawPush(bytes)), Pull: Seconds(DenseRounds, () => peer.RawPull(bytes)));
            push.Add(new RatePair(bytes * (double)DenseRounds / ours.Push, bytes * (double)DenseRounds / theirs.Push));
            pull.Add(new RatePair(bytes * (double)DenseRounds / ours.Pull, bytes * (double)DenseRounds / theirs.Pull));
            both.Add(new RatePair(2.0 * bytes * DenseRounds / (ours.Push + ours.Pull), 2.0 * bytes * DenseRounds / (theirs.Push + theirs.Pull)));
        }

        yield return new BenchmarkRow("push a dense block of 4 MB, added up", "bytes/s", "raw socket", push, 0, "");
        yield return new BenchmarkRow("pull a dense block of 4 MB", "bytes/s", "raw socket", pull, 0, "");
        yield return new BenchmarkRow("push and pull a dense block of 4 MB", "bytes/s", "raw socket", both, 0.8, "");
    }

    static IEnumerable<BenchmarkRow> Sparse(ParameterPeer peer)
    {
        using var member = new BenchmarkMember(SparseJob("sparse", SparseKeys), peer.Address);
        member.Need(SparseKeys);
        using var linear = new BenchmarkMember(
            SparseJob("linear", SparseKeys) with { Learner = new LearnerDefinition.Linear(new LinearOptions(), 0, 1) }, peer.Address);
        linear.Need(SparseKeys);
        using var adding = new BenchmarkMember(
            SparseJob("sparse-parts", 100_000_000) with { Consistency = Consistency.Synchronous }, peer.Address);
        adding.Need(SparseKeys);
        var (step, part) = (0L, 0);
        member.PushSparse(step);
        linear.PushSparse(step++);
        adding.PushSparsePart(part++);
        member.Pull(-1);
        var (added, push, sorted, pull) = (new List<RatePair>(), new List<RatePair>(), new List<RatePair>(), new List<RatePair>());
        for (var pair = 0; pair < Pairs; pair++)
        {
            var linearStep = step;
            sorted.Add(new RatePair(SparseKeys * (double)SparseRounds / Seconds(SparseRounds, () => linear.PushSparse(linearStep++)), PsLitePush));
            added.Add(new RatePair(SparseKeys * (double)SparseRounds / Seconds(SparseRounds, () => adding.PushSparsePart(part++)), PsLitePush));
            push.Add(new RatePair(SparseKeys * (double)SparseRounds / Seconds(SparseRounds, () => member.PushSparse(step++)), PsLitePush));
            pull.Add(new RatePair(SparseKeys * (double)SparseRounds / Seconds(SparseRounds, () => member.Pull(-1)), PsLitePull));
        }

        yield return new BenchmarkRow("push 100,000 keys of a million, added up", "values/s", "ps-lite, nothing made", added, 1, "keys sent every time");
        yield return new BenchmarkRow("the same of a linear model, FTRL made", "values/s", "ps-lite, nothing made", sorted, 0.4, "in ascending order; sent as their hash");
        yield return new BenchmarkRow("the same of a wide part, FTRL made", "values/s", "ps-lite, nothing made", push, 0, "the same keys again: sent as their hash");
        yield return new BenchmarkRow("pull 100,000 keys of a million", "values/s", "ps-lite", pull, 1, "as above");
    }

    static BenchmarkRow Small(ParameterPeer peer)
    {
        const int Keys = 16;
        using var member = new BenchmarkMember(SparseJob("small", Keys), peer.Address);
        member.Need(Keys);
        Median(() => member.Pull(-1));
        var pairs = Enumerable.Range(0, Pairs)
            .Select(_ => new RatePair(1 / Median(() => member.Pull(-1)), 1 / Median(() => peer.RawPull(Keys * 4)))).ToArray();
        return new BenchmarkRow("pull 16 keys, median", "requests/s", "raw ping-pong", pairs, 1 / 3.0, "");

        static double Median(Action action) => BenchmarkRow.Median(Enumerable.Range(0, SmallRounds).Select(_ => Seconds(1, action)));
    }

    /// <summary>28 bytes travel for each parameter; the peer copies as many through memory.</summary>
    static BenchmarkRow Adam()
    {
        const int Parameters = 16_000_000;
        var optimizer = Optimizer.Create(new DnnOptions(), Parameters);
        var (gradients, parameters) = (new float[Parameters], new float[Parameters]);
        gradients.AsSpan().Fill(0.01f);
        Make();
        var (source, target) = (new byte[Parameters * 4], new byte[Parameters * 4]);
        source.CopyTo(target, 0);
        var pairs = Enumerable.Range(0, Pairs).Select(_ => new RatePair(
            28.0 * Parameters / Seconds(1, Make), 8.0 * Parameters / Seconds(1, () => source.CopyTo(target, 0)))).ToArray();
        return new BenchmarkRow("Adam on the server, 64 MB of parameters", "bytes/s", "copy through memory", pairs, 0.6, "one thread each");

        void Make()
        {
            optimizer.BeginStep(0.001);
            optimizer.Update(0, gradients, parameters);
        }
    }

    static TrainingJob SparseJob(string id, int batch) => new(
        id, new Loss.Logistic(), new FeatureLayout([FeatureSpec.Category("key", TableRowCount)]),
        new LearnerDefinition.Network(
            new DnnOptions { HiddenUnits = [], Embedded = ImmutableArray<string>.Empty, Wide = new WideOptions() }, LabelScaling.Identity),
        new TrainingOptions { BatchSize = batch }, 1_000_000_000) { Consistency = Consistency.Asynchronous };

    public static double Seconds(int rounds, Action action)
    {
        var started = Stopwatch.GetTimestamp();
        for (var round = 0; round < rounds; round++)
        {
            action();
        }

        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
