using System.CommandLine;
using System.Text.Json;
using Capstan.Cluster;

namespace Capstan.Cli;

/// <summary>What <c>capstan train</c> does with <c>--workers</c>: a job on a cluster, waited for.</summary>
sealed class TrainOnCluster(WorkersOptions workers, ParseResult line, CommandSession session)
{
    /// <returns>Null: the job was submitted, and nobody waits.</returns>
    /// <exception cref="JobFailedException">The job failed, or somebody else cancelled it.</exception>
    public async Task<TrainingOutput?> RunAsync(
        TrainingOrder order, string name, (int Workers, int Servers) counts, CancellationToken cancellationToken)
    {
        var over = await new SubmittedJob(workers.Job, line, session).RunAsync(name, TrainingOrder.Kind, order.Write(), counts, cancellationToken);
        return over is null ? null : JsonSerializer.Deserialize<TrainingOutput>(over.Result);
    }
}
