namespace Capstan.Benchmarks;

/// <summary>
/// Transform apply on one thread: scale, bucketize, vocabulary and hash features over columns in memory, in cells (values of
/// raw columns read by a feature) per second of CPU time. Compared with the floor promised, 20 million, and with ML.NET.
/// </summary>
static class TransformBenchmark
{
    const int Pairs = 7;
    const double Floor = 20e6;
    const double OurSeconds = 0.4;
    const double TheirSeconds = 0.6;

    // Fewer, and the runtime still compiles the peer's loops while they are timed.
    const int WarmPasses = 15;

    static readonly (string Group, string Subject)[] Cases =
    [
        ("scale", "scale 10 numbers"),
        ("bucketize", "bucketize 10 numbers, 32 buckets"),
        ("vocabulary", "vocabulary of 4 texts, 250 terms"),
        ("hash", "hash 4 texts"),
        ("all", "all four together"),
    ];

    public static BenchmarkReport Run()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-transform-").FullName;
        try
        {
            var (task, rows, output) = (new TransformTask(), Path.Combine(folder, "rows"), Path.Combine(folder, "output"));
            task.Save(rows);
            using var peer = PeerProcess.MlNet();
            var peerRows = (int)peer.AskNumbers($"transform-load {rows}")[0];
            var features = TransformTask.Features(peer.AskNumbers("transform-constants"));
            peer.Ask($"transform-output {output}");
            TransformAgreement.Check(output, task.Batch, new TransformTimer(task.Batch, features["all"]).Output);

            var measured = Cases
                .Select(one =>
                    Measure(one.Subject, one.Group, new TransformTimer(task.Batch, features[one.Group]), peer, peerRows))
                .ToArray();
            return new BenchmarkReport(
                "transform",
                [
                    .. MachineFacts.All(),
                    ("ML.NET", peer.Ask("version")),
                    ("allocated", $"{measured.Sum(one => one.Allocated)} bytes after warm-up"),
                ],
                [.. measured.Select(one => one.Floor), .. measured.Select(one => one.Peer)]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static (BenchmarkRow Floor, BenchmarkRow Peer, long Allocated) Measure(
        string subject, string group, TransformTimer timer, PeerProcess peer, int peerRows)
    {
        var peerCells = (double)peerRows * timer.CellCount / TransformTask.RowCount;
        timer.Run(500);
        var ours = Math.Max(20, (int)(20 * OurSeconds / timer.Run(20)));
        Theirs(WarmPasses);
        var theirs = Math.Max(1, (int)Math.Round(WarmPasses * TheirSeconds / Theirs(WarmPasses)));
        var allocated = timer.Allocated();
        var pairs = Enumerable.Range(0, Pairs)
            .Select(_ => new RatePair((double)timer.CellCount * ours / timer.Run(ours), peerCells * theirs / Theirs(theirs)))
            .ToArray();
        return (
            new BenchmarkRow(
                subject, "cells/s", "floor", [.. pairs.Select(pair => pair with { Theirs = Floor })], 1,
                $"{allocated} B allocated per batch"),
            new BenchmarkRow(subject, "cells/s", "ML.NET", pairs, 0, group is "hash" ? "two hash functions" : "same values"),
            allocated);

        double Theirs(int passes) => peer.AskNumbers($"transform-pass {group} {passes}")[0];
    }
}
