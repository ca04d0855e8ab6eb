using System.Net;
using Orleans;

namespace Capstan.Cluster;

/// <summary>
/// The coordinator of a job on this node: runs the work under the epoch that the node was appointed by, passes on what it says, and ends it when somebody cancels
/// the job or another node was appointed.
/// </summary>
sealed class CoordinatorPart(
    JobStore jobs, NodeOptions options, IGrainFactory grains, TimeProvider clock, JobRecord job, string node) : ICoordination
{
    static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(300);

    readonly Lock _gate = new();
    JobLines? _lines;
    string _endpoint = "";
    string _progress = "";
    volatile Verdict _verdict;
    CancellationToken _end;

    public JobDefinition Job => job.Definition;

    public IPAddress Address => options.Address;

    public long Epoch => job.Epoch;

    public bool IsHandedOver => _end.IsCancellationRequested || _verdict == Verdict.Replaced;

    public async Task<IReadOnlyList<string>> ServersAsync(CancellationToken cancellationToken) =>
        await grains.GetGrain<ISchedulerGrain>(0).ServersAsync(Job.Id);

    public void Publish(string endpoint)
    {
        lock (_gate)
        {
            _endpoint = endpoint;
        }
    }

    public void Progress(string text)
    {
        lock (_gate)
        {
            _progress = text;
        }
    }

    public void Log(string line) => _lines?.Write(line);

    /// <param name="work">Null: this node can't do jobs of the kind.</param>
    public async Task RunAsync(IJobWork? work, CancellationToken end)
    {
        if (job.Coordinator != node)
        {
            // Appointed before the database says so, or not any more.
            return;
        }

        _end = end;
        await using var lines = _lines = new JobLines(jobs, Job.Id, "coordinator");
        using var over = CancellationTokenSource.CreateLinkedTokenSource(end);
        var watch = WatchAsync(over);
        var (state, reason, result) = (JobState.Failed, "", "");
        try
        {
            result = work is null
                ? throw new JobFailedException($"no node knows how to do jobs of the kind '{Job.Kind}'")
                : await work.CoordinateAsync(this, over.Token);
            (state, reason) = (JobState.Succeeded, "done");
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            (state, reason) = (JobState.Cancelled, "cancelled");
        }
        catch (Exception fault) // the edge of a job: it fails with what it is about
        {
            reason = fault is JobFailedException ? fault.Message : $"{fault.GetType().Name}: {fault.Message}";
            if (fault is not JobFailedException)
            {
                Log(fault.ToString());
            }
        }

        await over.CancelAsync();
        // A coordinator that was ended because its node leaves, or another was appointed, says nothing about the job.
        if (state != JobState.Cancelled || await watch == Verdict.Cancelled)
        {
            await TellAsync(CancellationToken.None);
            await jobs.TryEndAsync(Job.Id, Epoch, state, reason, result, CancellationToken.None);
        }
    }

    enum Verdict
    {
        None,
        Cancelled,
        Replaced,
    }

    async Task<Verdict> WatchAsync(CancellationTokenSource over)
    {
        var verdict = Verdict.None;
        var said = ("", "");
        while (!over.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Beat, clock, over.Token);
                var now = (_endpoint, _progress);
                verdict = (now != said && !await TellAsync(over.Token)) ? Verdict.Replaced
                    : await jobs.FindAsync(Job.Id, over.Token) is not { } current || current.Epoch != Epoch ? Verdict.Replaced
                    : current.Cancel ? Verdict.Cancelled
                    : Verdict.None;
                said = now;
            }
            catch (System.Data.Common.DbException)
            {
                // The database is away; the work goes on, and the next beat asks again.
            }
            catch (OperationCanceledException)
            {
                break;
            }

            if (verdict != Verdict.None)
            {
                _verdict = verdict;
                await over.CancelAsync();
            }
        }

        return verdict;
    }

    Task<bool> TellAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return jobs.TryTellAsync(Job.Id, Epoch, _endpoint, _progress, cancellationToken);
        }
    }
}
