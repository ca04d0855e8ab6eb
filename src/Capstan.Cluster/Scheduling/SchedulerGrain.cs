using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Capstan.Cluster;

/// <summary>Holds what nodes report, and four times a second decides anew by <see cref="Schedule"/>; see <see cref="ISchedulerGrain"/>.</summary>
sealed partial class SchedulerGrain(
    NodeOptions options, NodeLeasing leasing, ISiloStatusOracle silos, TimeProvider clock, ILogger<SchedulerGrain> log)
    : Grain, ISchedulerGrain
{
    static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);

    // Whoever waits for a job needs not hear of each.
    const int BeatsPerSign = 2;

    // A node that has not reported for so long has nothing to do with any job; that it may come back is what epochs are for.
    static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    // After an activation the nodes get so long at most to say what they run, before anything of it is given to others.
    static readonly TimeSpan Hearing = TimeSpan.FromSeconds(1);

    // A leased node that nothing was wanted of for so long is given back.
    static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    // Between two looks for what jobs have left.
    static readonly TimeSpan Cleaning = TimeSpan.FromSeconds(2);

    readonly JobStore _jobs = new(options.Database, options.Cluster, clock);
    readonly JobCleaning _cleaning = JobWorks.CleaningOf(options, clock);
    readonly HeardNodes _nodes = new(clock, Beat);
    readonly Dictionary<string, long> _busy = new(StringComparer.Ordinal);
    Schedule _schedule = Schedule.Empty;
    long _activated;
    bool _mustHear;
    long _beats;
    Task _leasing = Task.CompletedTask;
    Task _cleaned = Task.CompletedTask;
    long _lastCleaned;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _activated = clock.GetTimestamp();
        _mustHear = (await _jobs.WaitingAndRunningAsync(cancellationToken)).Any(job => job.State == JobState.Running);
        this.RegisterGrainTimer(BeatAsync, new GrainTimerCreationOptions(Beat, Beat) { KeepAlive = true });
    }

    public async Task<NodeOrders> ReportAsync(NodeReport report)
    {
        if (report.Roles == NodeRoles.None)
        {
            // It leaves.
            Forget(report.Name, "left");
            await leasing.ForgetAsync(report.Name, CancellationToken.None);
            return new NodeOrders([], false);
        }

        // With the last of them the hearing is over; what it says counts as well.
        var isHearing = IsHearing;
        if (_nodes.Hear(report))
        {
            ClusterMetrics.Joins.Add(1);
        }

        ClusterMetrics.Nodes(_nodes.Count);
        if (isHearing)
        {
            _schedule = Adopt(_schedule, report);
            return new NodeOrders(report.Members, false);
        }

        var members = _schedule.Placements.SelectMany(job => job.Value.Members()
            .Where(member => member.Node == report.Name).Select(member => new JobMember(job.Key, member.Part, member.Index))
            .Concat(job.Value.Coordinator == report.Name ? [new JobMember(job.Key, JobPart.Coordinator, 0)] : []));
        NodeOrders orders = new([.. members], false);
        if (orders.Members.Length > 0 || !_busy.TryGetValue(report.Name, out var since))
        {
            _busy[report.Name] = since = clock.GetTimestamp();
        }

        return orders with { Leave = clock.GetElapsedTime(since) > Idle && _schedule.Waiting.IsEmpty };
    }

    public Task<string[]> ServersAsync(string job) => Task.FromResult<string[]>(
        _schedule.Placements.TryGetValue(job, out var placement)
            ? [.. placement.Servers.OfType<string>().Select(node => _nodes.Find(node)?.Server ?? "").Where(place => place.Length > 0)]
            : []);

    bool IsHearing => _mustHear && clock.GetElapsedTime(_activated) < Hearing
        && silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Any(silo => _nodes.Reports.All(node => !node.Silo.Equals(silo)));

    async Task BeatAsync(CancellationToken cancellationToken)
    {
        if (IsHearing)
        {
            return;
        }

        _nodes.Listen();
        foreach (var silent in _nodes.Reports.Where(IsGone).Select(node => node.Name).ToArray())
        {
            LogSilent(silent);
            Forget(silent, "lost");
        }

        try
        {
            await DecideAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is System.Data.Common.DbException)
        {
            // The database is away: all goes on as it was, and the next beat asks again.
            LogFault(fault);
        }
    }

    void Forget(string node, string how)
    {
        if (_nodes.Forget(node))
        {
            ClusterMetrics.Leaves.Add(1, new KeyValuePair<string, object?>("how", how));
        }

        _busy.Remove(node);
        ClusterMetrics.Nodes(_nodes.Count);
    }

    // Connections of a killed process break: Orleans knows sooner than the silence tells.
    bool IsGone(NodeReport node) => _nodes.SilenceOf(node.Name) > Silence || silos.IsDeadSilo(node.Silo);

    async Task DecideAsync(CancellationToken cancellationToken)
    {
        if (_beats++ % BeatsPerSign == 0)
        {
            await _jobs.BeatAsync(cancellationToken);
        }

        var jobs = await _jobs.WaitingAndRunningAsync(cancellationToken);
        foreach (var job in jobs.Where(job => job is { Cancel: true, State: JobState.Queued }))
        {
            await _jobs.TryEndAsync(job.Definition.Id, job.Epoch, JobState.Cancelled, "cancelled before it began", "", cancellationToken);
        }

        jobs.RemoveAll(job => job is { Cancel: true, State: JobState.Queued });
        LiveNode[] live = [.. _nodes.Reports.Select(node => new LiveNode(node.Name, node.Roles, node.Slots))];
        var next = _schedule.Next([.. jobs.Select(job => job.Definition)], live);
        foreach (var job in jobs)
        {
            if (next.Placements.TryGetValue(job.Definition.Id, out var placement))
            {
                next = await AppointAsync(job, placement, next, cancellationToken);
            }
            else
            {
                await _jobs.ExplainAsync(job.Definition.Id, next.Waiting[job.Definition.Id], cancellationToken);
            }
        }

        _schedule = next;
        if (_cleaned.IsCompleted && (_lastCleaned == 0 || clock.GetElapsedTime(_lastCleaned) > Cleaning))
        {
            // A file system may take its time.
            _lastCleaned = clock.GetTimestamp();
            _cleaned = Task.Run(CleanAsync, cancellationToken);
        }

        if (_leasing.IsCompleted)
        {
            // Pools are asked beside the schedule, which must not wait for them.
            var names = _nodes.Reports.Select(node => node.Name).ToHashSet();
            _leasing = Task.Run(() => LeaseAsync(next.Lacking, jobs, names), cancellationToken);
        }
    }

    async Task CleanAsync()
    {
        try
        {
            await _cleaning.RunAsync(CancellationToken.None);
        }
        catch (System.Data.Common.DbException fault)
        {
            LogFault(fault);
        }
    }

    async Task LeaseAsync(ImmutableArray<LackingNode> lacking, IReadOnlyList<JobRecord> jobs, IReadOnlySet<string> names)
    {
        try
        {
            await leasing.LeaseAsync(lacking, jobs, names, CancellationToken.None);
        }
        catch (Exception fault) when (fault is System.Data.Common.DbException or PoolException)
        {
            LogFault(fault);
        }
    }

    async Task<Schedule> AppointAsync(JobRecord job, Placement placement, Schedule schedule, CancellationToken cancellationToken)
    {
        if (job.State == JobState.Running && job.Coordinator == placement.Coordinator)
        {
            return schedule;
        }

        var reason = job.State == JobState.Queued ? $"coordinated by {placement.Coordinator}"
            : $"coordinated by {placement.Coordinator}, since {job.Coordinator} does not answer";
        if (!await _jobs.TryAppointAsync(job, placement.Coordinator, reason, cancellationToken))
        {
            // Another scheduler, or the end of the job, was faster; the next beat reads what there is.
            return schedule with { Placements = schedule.Placements.Remove(job.Definition.Id) };
        }

        ClusterMetrics.Appointments.Add(1);
        await _jobs.AddLineAsync(job.Definition.Id, "cluster", reason, cancellationToken);
        return schedule;
    }

    // What the nodes run was ordered by the scheduler before this one.
    static Schedule Adopt(Schedule schedule, NodeReport report)
    {
        foreach (var member in report.Members)
        {
            var placement = schedule.Placements.GetValueOrDefault(member.Job) ?? new Placement("", [], []);
            placement = member.Part switch
            {
                JobPart.Coordinator => placement with { Coordinator = report.Name },
                JobPart.Worker => placement with { Workers = With(placement.Workers, member.Index, report.Name) },
                _ => placement with { Servers = With(placement.Servers, member.Index, report.Name) },
            };
            schedule = schedule with { Placements = schedule.Placements.SetItem(member.Job, placement) };
        }

        return schedule;
    }

    static ImmutableArray<string?> With(ImmutableArray<string?> places, int index, string node) =>
        [.. Enumerable.Range(0, Math.Max(places.Length, index + 1)).Select(place =>
            place == index ? node : place < places.Length ? places[place] : null)];
}
