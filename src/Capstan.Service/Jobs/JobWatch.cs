using System.Text.Json.Nodes;
using Capstan.Registry;
using Microsoft.Extensions.Logging;

namespace Capstan.Service;

/// <summary>
/// Follows one job from its order to its end: prepares its folder, has it run, keeps its log, passes a cancellation on, stores
/// its results. Every step can be taken again by a server that finds the folder as it is.
/// </summary>
sealed partial class JobWatch(Engine engine, JobPreparation preparation, JobResults results)
{
    // A process that is killed with its machine is started again; one that dies of itself each time is not, for ever.
    const int MostAttempts = 3;

    static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan CancellationGrace = TimeSpan.FromSeconds(10);

    readonly ILogger _logger = engine.Loggers.CreateLogger<JobWatch>();

    public static string FolderOf(Engine engine, string job) =>
        Path.Combine(Path.GetFullPath(engine.Options.DataFolder), "jobs", Resource.ProjectOf(job),
            job[(job.LastIndexOf('/') + 1)..]);

    /// <summary>Ends when the job does, or gives it back when the server ends.</summary>
    public async Task RunAsync(WorkItem item, TimeSpan lease, CancellationToken cancellationToken)
    {
        try
        {
            var folder = new JobFolder(FolderOf(engine, item.Name));
            var refusal = await BeginAsync(item, folder, cancellationToken);
            var outcome = refusal ?? await FollowAsync(item, folder, lease, cancellationToken);
            if (outcome is not null)
            {
                await results.StoreAsync(item, folder, outcome, cancellationToken);
                engine.Signal.Set();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await engine.Database.WriteAsync(session =>
                session.Work.ReleaseAsync(item.Name, engine.Holder, CancellationToken.None), CancellationToken.None);
        }
        catch (Exception failure)
        {
            // The lease ends by itself; the job is taken up again where its folder says that it is.
            LogTrouble(failure, item.Name);
        }
    }

    /// <returns>Why the job can't be run; null: it runs, or is over already.</returns>
    async Task<JobOutcome?> BeginAsync(WorkItem item, JobFolder folder, CancellationToken cancellationToken)
    {
        if (folder.Outcome is not null)
        {
            return null;
        }

        var job = await engine.Database.ReadAsync(session =>
            session.Resources.FindAsync(item.Name, cancellationToken), cancellationToken);
        if (job is null)
        {
            return Ended("CANCELLED", "The job was deleted.");
        }

        try
        {
            if (folder.Order is null)
            {
                await SetStateAsync(item.Name, "PREPARING", cancellationToken);
                folder.Write(await preparation.PrepareAsync(job, folder.Path, cancellationToken));
            }

            if (job.State != "CANCELLING")
            {
                await engine.Options.Jobs!.StartAsync(folder.Path, cancellationToken); // without a runner nothing is scheduled
                await SetStateAsync(item.Name, "RUNNING", cancellationToken);
            }

            return null;
        }
        catch (Exception refusal) when (
            refusal is JobRefusedException or ServiceException or DamagedArtifactException or IOException or ArgumentException)
        {
            return Ended("FAILED", refusal.Message);
        }
    }

    /// <returns>How it ended; null: another server has it now.</returns>
    async Task<JobOutcome?> FollowAsync(WorkItem item, JobFolder folder, TimeSpan lease, CancellationToken cancellationToken)
    {
        var runner = engine.Options.Jobs!; // as above
        var (renewed, looked) = (engine.Now, 0);
        DateTimeOffset? cancelledAt = null;
        while (true)
        {
            await KeepLogAsync(item.Name, folder, cancellationToken);
            if (folder.Outcome is { } outcome)
            {
                await KeepLogAsync(item.Name, folder, cancellationToken);
                return outcome;
            }

            if (!await runner.IsRunningAsync(folder.Path, cancellationToken) && folder.Outcome is null)
            {
                if (cancelledAt is not null || await IsCancellingAsync(item.Name, cancellationToken))
                {
                    return Ended("CANCELLED", "Cancelled by request.");
                }

                if (item.Attempts >= MostAttempts)
                {
                    return Ended("FAILED", $"Its process ended {MostAttempts} times without saying why; was it killed, or out " +
                        $"of memory? Its log may tell.");
                }

                item = item with { Attempts = item.Attempts + 1 };
                await runner.StartAsync(folder.Path, cancellationToken);
            }

            if (engine.Now - renewed > lease / 4)
            {
                renewed = engine.Now;
                if (!await engine.Database.WriteAsync(
                    session => session.Work.TryRenewAsync(item.Name, engine.Holder, engine.Now, lease, cancellationToken),
                    cancellationToken))
                {
                    return null;
                }
            }

            // The database is asked less often than the folder is looked at.
            if (cancelledAt is null && looked++ % 2 == 0 && await IsCancellingAsync(item.Name, cancellationToken))
            {
                cancelledAt = engine.Now;
                await runner.StopAsync(folder.Path, atOnce: false, cancellationToken);
            }
            else if (engine.Now - cancelledAt > CancellationGrace)
            {
                await runner.StopAsync(folder.Path, atOnce: true, cancellationToken);
            }

            await Task.Delay(LookInterval, engine.Time, cancellationToken);
        }
    }

    async Task KeepLogAsync(string job, JobFolder folder, CancellationToken cancellationToken)
    {
        if (!File.Exists(folder.Log))
        {
            return;
        }

        var kept = await engine.Database.ReadAsync(session => session.Logs.CountAsync(job, cancellationToken), cancellationToken);
        if (folder.LinesAfter(kept) is { Count: > 0 } lines)
        {
            await engine.Database.WriteAsync(
                session => session.Logs.AppendAsync(
                    job, lines.Select(line => new LogLine(line.At == DateTimeOffset.UnixEpoch ? engine.Now : line.At,
                        line.Severity, line.Replica ?? "master-replica-0", line.Text)), cancellationToken),
                cancellationToken);
        }
    }

    async Task<bool> IsCancellingAsync(string name, CancellationToken cancellationToken) => await engine.Database.ReadAsync(
        session => session.Resources.FindAsync(name, cancellationToken), cancellationToken) is null or { State: "CANCELLING" };

    Task SetStateAsync(string name, string state, CancellationToken cancellationToken) =>
        engine.Database.WriteAsync(async session =>
    {
        if (await session.Resources.FindForUpdateAsync(name, cancellationToken) is { State: not "CANCELLING" } job &&
            job.State != state)
        {
            if (state == "RUNNING")
            {
                job.Body["startTime"] = WireValue.Instant(engine.Now);
            }

            await session.Resources.TryUpdateAsync(job with { State = state }, cancellationToken);
        }
    }, cancellationToken);

    JobOutcome Ended(string state, string message) => new()
    {
        State = state, Message = message, StartedAt = engine.Now, EndedAt = engine.Now, ProcessorTime = TimeSpan.Zero,
    };

    [LoggerMessage(1, LogLevel.Error, "Job {Job} can't be followed now.")]
    partial void LogTrouble(Exception failure, string job);
}
