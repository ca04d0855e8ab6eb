using System.CommandLine;
using System.Globalization;
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
        var cluster = await workers.ClusterOf(line, cancellationToken);
        var clock = session.Terminal.Time;
        var word = string.Concat(name.Take(60).Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' ? letter : '-'));
        var id = string.Create(CultureInfo.InvariantCulture, $"{word}-{clock.GetUtcNow():yyyyMMdd-HHmmss}-{Environment.ProcessId}");
        var job = workers.JobOf(line, id, TrainingOrder.Kind, order.Write(), counts);
        Directory.CreateDirectory(job.Folder);
        var jobs = new JobStore(cluster.Database, cluster.Cluster, clock);
        await jobs.TryAddAsync(job, cancellationToken);
        session.Remark($"Job {id}: {counts.Workers} workers{(counts.Servers > 0 ? $", {counts.Servers} parameter servers" : "")}.");
        if (workers.IsDetached(line))
        {
            await new JobFollower(cluster, clock).SeedAsync(id, cancellationToken);
            session.Terminal.Output.WriteLine(id);
            return null;
        }

        var terminal = new JobTerminal(session);
        try
        {
            var over = await new JobFollower(cluster, clock).FollowAsync(id, terminal.Line, terminal.Stands, cancellationToken);
            return over.State == JobState.Succeeded
                ? JsonSerializer.Deserialize<TrainingOutput>(over.Result)
                : throw new JobFailedException($"job {id} {(over.State == JobState.Cancelled ? "was cancelled" : $"failed: {over.Reason}")}");
        }
        catch (OperationCanceledException)
        {
            await jobs.CancelAsync(id, CancellationToken.None);
            throw;
        }
    }
}
