using Capstan.Data;
using Capstan.Features;

namespace Capstan.Cluster;

/// <summary>The rows of a training that workers read for its coordinator.</summary>
/// <param name="kept">What the coordinator has found out, once it has.</param>
sealed class TrainingRoles(TrainingOrder order, AnalysisFolder kept, TimeProvider clock) : ISplitRoles
{
    /// <summary>Those that statistics and constants are found from.</summary>
    public const string Fitted = "fitted";

    /// <summary>Those that are learned from, with their features.</summary>
    public const string Learned = "learned";

    /// <summary>Those held out, with their features.</summary>
    public const string HeldOut = "held out";

    public async Task<(IBatchSource Source, Dataset Rows)> OpenAsync(string role, string? seenBy, CancellationToken cancellationToken)
    {
        var (rows, training) = (order.Dataset(seenBy), new PipelineTraining(Pipeline.Parse(order.Pipeline), clock, null, kept) { Threads = order.Threads });
        return role switch
        {
            Fitted => (await training.OpenFittedAsync(rows, cancellationToken), rows),
            Learned or HeldOut => (await training.OpenComputedAsync(rows, role == HeldOut, cancellationToken), rows),
            _ => throw new JobFailedException($"the rows '{role}' are wanted, which no training has; all nodes must run the same Capstan"),
        };
    }
}
