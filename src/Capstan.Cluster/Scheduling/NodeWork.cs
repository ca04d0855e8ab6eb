using System.Data.Common;
using System.Diagnostics;
using Capstan.Parameters;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Capstan.Cluster;

/// <summary>
/// The working side of a node: says twice a second what runs here, hears what shall, and starts and ends parts of jobs accordingly. Without an
/// answer all goes on as it was ordered last.
/// </summary>
sealed partial class NodeWork(
    NodeOptions options, ILocalSiloDetails silo, ISiloStatusOracle silos, IGrainFactory grains, TimeProvider clock,
    IHostApplicationLifetime lifetime, ILogger<NodeWork> log) : BackgroundService
{
    static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(400);

    // A part that ends before its time is started again, but not in a busy loop.
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // A leased node that nobody schedules has lost its cluster.
    static readonly TimeSpan Abandoned = TimeSpan.FromMinutes(1);

    // What is handed over is a copy over the network, to a node that a pool may first have to start.
    static readonly TimeSpan HandingOver = TimeSpan.FromSeconds(25);

    readonly JobStore _jobs = new(options.Database, options.Cluster, clock);
    readonly IJobWork[] _works = JobWorks.Of(options, clock);
    readonly Dictionary<JobMember, Part> _parts = [];

    sealed record Part(Task Running, CancellationTokenSource End);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var heard = clock.GetTimestamp();
        using var server = options.Roles.HasFlag(NodeRoles.ParameterServer)
            ? ParameterServer.Start(MemberChannel.Of(options), options.Address, 0, clock)
            : null;
        var place = server?.Address.ToString() ?? "";
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var report = new NodeReport(silo.Name, options.Roles, options.Slots, place, [.. _parts.Keys], silo.SiloAddress);
                var told = clock.GetTimestamp();
                var orders = await grains.GetGrain<ISchedulerGrain>(0).ReportAsync(report);
                heard = clock.GetTimestamp();
                ClusterMetrics.Report.Record(clock.GetElapsedTime(told, heard).TotalSeconds);
                Obey(orders);
            }
            catch (Exception fault) when (fault is OrleansException or TimeoutException or DbException)
            {
                LogUnheard(fault.Message);
            }

            if (options.IsLeased && _parts.Count == 0 && clock.GetElapsedTime(heard) > Abandoned)
            {
                lifetime.StopApplication();
            }

            await Task.Delay(Beat, clock, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default); // stopping is no fault
        }

        await LeaveAsync(server);
    }

    /// <summary>
    /// Others get what runs here, at once; then the node waits until the coordinators of jobs have moved the shards that it holds, which they do
    /// when they find it on no list any more.
    /// </summary>
    async Task LeaveAsync(ParameterServer? server)
    {
        await Task.WhenAll(_parts.Keys.ToArray().Select(EndAsync));
        try
        {
            await grains.GetGrain<ISchedulerGrain>(0).ReportAsync(new NodeReport(silo.Name, NodeRoles.None, 0, "", [], silo.SiloAddress));
        }
        catch (Exception fault) when (fault is OrleansException or TimeoutException or DbException)
        {
            // The others find out by its silence.
        }

        // A last node has nobody to hand anything to: jobs go on from their checkpoints.
        var began = clock.GetTimestamp();
        while (server is { IsEmpty: false } && clock.GetElapsedTime(began) < HandingOver
            && silos.GetApproximateSiloStatuses(onlyActive: true).Count > 1)
        {
            await Task.Delay(Beat, clock);
        }
    }

    void Obey(NodeOrders orders)
    {
        foreach (var over in _parts.Where(part => part.Value.Running.IsCompleted).Select(part => part.Key).ToArray())
        {
            _parts.Remove(over);
        }

        foreach (var unwanted in _parts.Keys.Except(orders.Members).ToArray())
        {
            // Not waited for: it leaves the list when it has ended, and until then counts as running here.
            _parts[unwanted].End.Cancel();
        }

        foreach (var wanted in orders.Members.Where(member => !_parts.ContainsKey(member)))
        {
            var end = new CancellationTokenSource();
            // Parts compute: not on the thread that hears orders.
            _parts[wanted] = new Part(Task.Run(() => RunAsync(wanted, end.Token)), end);
        }

        if (orders.Leave && options.IsLeased && _parts.Count == 0)
        {
            lifetime.StopApplication();
        }
    }

    async Task EndAsync(JobMember member)
    {
        var (running, end) = _parts[member];
        await end.CancelAsync();
        await running;
    }

    async Task RunAsync(JobMember member, CancellationToken end)
    {
        var part = new KeyValuePair<string, object?>("part", member.Part.ToString().ToLowerInvariant());
        ClusterMetrics.Parts.Add(1, part);
        Activity? activity = null;
        try
        {
            if (member.Part == JobPart.Server)
            {
                // The node's parameter server serves any job that asks; being on the job's list is all.
                await Task.Delay(Timeout.Infinite, end);
            }

            if (await _jobs.FindAsync(member.Job, end) is not { IsOver: false } job)
            {
                return;
            }

            activity = ClusterMetrics.StartPart(job.Definition, $"{part.Value}");
            activity?.SetTag("member", member.ToString());
            var work = _works.FirstOrDefault(work => work.Kind == job.Definition.Kind);
            if (member.Part == JobPart.Coordinator)
            {
                await new CoordinatorPart(_jobs, options, grains, clock, job, silo.Name).RunAsync(work, end);
            }
            else if (work is not null)
            {
                await using var place = new WorkerPart(_jobs, clock, job.Definition, member.Index);
                await place.RunAsync(work, end);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return;
        }
        catch (Exception fault) // the edge of a part: what it is about is told, and it begins again
        {
            activity?.SetStatus(ActivityStatusCode.Error, fault.Message);
            LogPart(fault, member.Job, member.ToString());
        }
        finally
        {
            activity?.Dispose();
            ClusterMetrics.Parts.Add(-1, part);
        }

        await Task.Delay(Pause, clock, end).ContinueWith(_ => { }, TaskScheduler.Default);
    }
}
