using System.Text.Json.Nodes;
using Capstan.Registry;
using Microsoft.Extensions.Logging;

namespace Capstan.Service;

/// <summary>
/// Takes jobs from the queue while there are free slots, and watches over those that it has. A job belongs to a server only by
/// its lease: when a server ends, its jobs' processes go on, and it, started again, or another finds them.
/// </summary>
sealed partial class JobScheduler(Engine engine, JobWatch watch)
{
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    readonly ILogger _logger = engine.Loggers.CreateLogger<JobScheduler>();
    readonly Dictionary<string, (string Project, Task Watching)> _running = [];
    readonly Dictionary<string, TimeSpan?> _waitLimits = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    await ScheduleAsync(cancellationToken);
                }
                catch (Exception failure) when (failure is System.Data.Common.DbException or IOException)
                {
                    LogTrouble(failure);
                }

                await engine.Signal.WaitAsync(LongestWait, engine.Time, cancellationToken);
            }
        }
        finally
        {
            await Task.WhenAll(_running.Values.Select(job => job.Watching));
        }
    }

    async Task ScheduleAsync(CancellationToken cancellationToken)
    {
        foreach (var (name, _) in _running.Where(job => job.Value.Watching.IsCompleted).ToArray())
        {
            _running.Remove(name);
        }

        var all = await engine.Database.ReadAsync(session =>
            session.Work.ListAsync(JobMethods.Kind, cancellationToken), cancellationToken);

        // What was begun and given back waits for a server, not for its turn.
        await EndLongWaitsAsync(all.Where(item => item.Holder is null && item.Attempts == 0), cancellationToken);
        if (engine.Options.Jobs is null)
        {
            return;
        }

        // First what this server had before it was started anew, and what others left behind; those run already.
        var left = all.Where(item => item.Holder is not null && !_running.ContainsKey(item.Name) &&
            (item.Holder == engine.Holder || item.LeaseEnds < engine.Now));
        foreach (var item in left)
        {
            await TakeAsync(item, cancellationToken);
        }

        var waiting = all.Where(item => item.Holder is null).ToList();
        while (_running.Count < engine.Options.JobSlots && FairQueue.Next(waiting, all
            .Where(item => item.Holder is not null || _running.ContainsKey(item.Name)).Select(item => item.Project)) is { } next)
        {
            waiting.Remove(next);
            await TakeAsync(next, cancellationToken);
        }
    }

    async Task TakeAsync(WorkItem item, CancellationToken cancellationToken)
    {
        if (await engine.Database.WriteAsync(
            session => session.Work.TryTakeAsync(item.Name, engine.Holder, engine.Now, Lease, cancellationToken), cancellationToken))
        {
            _waitLimits.Remove(item.Name);
            _running[item.Name] =
                (item.Project, watch.RunAsync(item with { Attempts = item.Attempts + 1 }, Lease, cancellationToken));
        }
    }

    /// <summary>Cancels jobs that waited longer than their <c>maxWaitTime</c>.</summary>
    async Task EndLongWaitsAsync(IEnumerable<WorkItem> waiting, CancellationToken cancellationToken)
    {
        foreach (var item in waiting)
        {
            if (!_waitLimits.TryGetValue(item.Name, out var limit))
            {
                var job = await engine.Database.ReadAsync(session =>
                    session.Resources.FindAsync(item.Name, cancellationToken), cancellationToken);
                limit = (job?.Body["trainingInput"] as JsonObject)?["scheduling"]?["maxWaitTime"]?.GetValue<string>() is { } duration
                    ? WireValue.Seconds(duration)
                    : null;
                _waitLimits[item.Name] = limit;
            }

            if (limit is { } most && engine.Now - item.EnqueuedAt > most)
            {
                _waitLimits.Remove(item.Name);
                await engine.Database.WriteAsync(session =>
                    CancelAsync(session, item, most, cancellationToken), cancellationToken);
            }
        }
    }

    async Task CancelAsync(RegistrySession session, WorkItem item, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (await session.Resources.FindForUpdateAsync(item.Name, cancellationToken) is { } job &&
            await session.Work.TryWithdrawAsync(item.Name, cancellationToken))
        {
            job.Body["errorMessage"] = $"It waited longer than its maxWaitTime of {limit.TotalSeconds:N0} seconds.";
            job.Body["endTime"] = WireValue.Instant(engine.Now);
            await session.Resources.TryUpdateAsync(job with { State = "CANCELLED" }, cancellationToken);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Jobs can't be scheduled now.")]
    partial void LogTrouble(Exception failure);
}
