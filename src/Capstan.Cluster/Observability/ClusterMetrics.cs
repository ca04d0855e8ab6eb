using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Capstan.Cluster;

/// <summary>What the nodes of a cluster count and time, for whoever listens to the meter and the activities "Capstan.Cluster".</summary>
static class ClusterMetrics
{
    const string Name = "Capstan.Cluster";

    static readonly Meter Meter = new(Name);
    static long _nodes;

    static ClusterMetrics() => Meter.CreateObservableGauge(
        "capstan.cluster.nodes", () => Volatile.Read(ref _nodes), "{node}", "Nodes that report, on the node that schedules; 0 on the others.");

    /// <summary>Spans: parts of jobs on this node, parts of data, trees.</summary>
    public static ActivitySource Activities { get; } = new(Name);

    /// <summary>The span of a part of a job, below that of whoever submitted the job.</summary>
    /// <returns>Null: nobody listens.</returns>
    public static Activity? StartPart(JobDefinition job, string part)
    {
        _ = ActivityContext.TryParse(job.Trace, null, isRemote: true, out var submitted);
        return Activities.StartActivity($"job {part}", ActivityKind.Consumer, submitted)?.SetTag("job", job.Id);
    }

    public static Counter<long> Joins { get; } = Meter.CreateCounter<long>(
        "capstan.cluster.joins", "{node}", "Nodes that have begun to report, on the node that schedules.");

    /// <summary>Tagged by how: left, or lost.</summary>
    public static Counter<long> Leaves { get; } = Meter.CreateCounter<long>(
        "capstan.cluster.leaves", "{node}", "Nodes that have left, or were lost, on the node that schedules.");

    public static Counter<long> Leases { get; } = Meter.CreateCounter<long>(
        "capstan.cluster.leases", "{node}", "Nodes that pools were asked for and have given.");

    public static Counter<long> Appointments { get; } = Meter.CreateCounter<long>(
        "capstan.cluster.appointments", "{coordinator}", "Coordinators appointed: one for each job, and one for each that was lost.");

    /// <summary>Tagged by part: coordinator, worker, server.</summary>
    public static UpDownCounter<long> Parts { get; } = Meter.CreateUpDownCounter<long>(
        "capstan.node.parts", "{part}", "Parts of jobs that run on this node.");

    public static Histogram<double> Report { get; } = Meter.CreateHistogram<double>(
        "capstan.node.report.duration", "s", "From a node's report to the schedule's answer.");

    public static Counter<long> TreesGrown { get; } = Meter.CreateCounter<long>(
        "capstan.trees.grown", "{tree}", "Trees grown by this worker with others.");

    public static Histogram<double> TreeDuration { get; } = Meter.CreateHistogram<double>(
        "capstan.trees.duration", "s", "For a tree, at a worker.");

    public static Histogram<double> TreeWait { get; } = Meter.CreateHistogram<double>(
        "capstan.trees.wait.duration", "s", "Of a tree's time, what a worker waited for others and the wire: little at whoever is the straggler.");

    public static Counter<long> TreeBytes { get; } = Meter.CreateCounter<long>(
        "capstan.trees.exchanged", "By", "Sent to other workers that grow the same trees, and received.");

    public static Counter<long> TreeRounds { get; } = Meter.CreateCounter<long>(
        "capstan.trees.rounds", "{round}", "Rounds of growing begun, at the coordinator: one more for each worker lost.");

    public static void Nodes(int count) => Volatile.Write(ref _nodes, count);
}
