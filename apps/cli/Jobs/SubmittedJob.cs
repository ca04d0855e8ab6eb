using System.CommandLine;
using System.Globalization;
using Capstan.Cluster;

namespace Capstan.Cli;

/// <summary>A job that a command submits to a cluster and waits for.</summary>
sealed class SubmittedJob(JobOptions options, ParseResult line, CommandSession session)
{
    /// <param name="name">What the job is called after.</param>
    /// <returns>Null: the job was submitted, and nobody waits.</returns>
    /// <exception cref="JobFailedException">The job failed, or somebody else cancelled it.</exception>
    public async Task<JobRecord?> RunAsync(
        string name, string kind, string work, (int Workers, int Servers) counts, CancellationToken cancellationToken)
    {
        using var trace = JobTrace.Begin(kind);
        var cluster = await options.ClusterOf(line, cancellationToken);
        var clock = session.Terminal.Time;
        var word = string.Concat(name.Take(60).Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' ? letter : '-'));
        var id = string.Create(CultureInfo.InvariantCulture, $"{word}-{clock.GetUtcNow():yyyyMMdd-HHmmss}-{Environment.ProcessId}");
        trace.Of(id);
        var job = options.JobOf(line, id, kind, work, counts) with { Trace = trace.Parent };
        Directory.CreateDirectory(job.Folder);
        var jobs = new JobStore(cluster.Database, cluster.Cluster, clock);
        await jobs.TryAddAsync(job, cancellationToken);
        session.Remark($"Job {id}: {counts.Workers} workers{(counts.Servers > 0 ? $", {counts.Servers} parameter servers" : "")}.");
        if (options.IsDetached(line))
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
                ? over
                : throw new JobFailedException($"job {id} {(over.State == JobState.Cancelled ? "was cancelled" : $"failed: {over.Reason}")}");
        }
        catch (OperationCanceledException)
        {
            await jobs.CancelAsync(id, CancellationToken.None);
            throw;
        }
    }
}
