using System.Diagnostics;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>Learns for a job until it is over: takes work, pulls what it needs, computes gradients, hands them in.</summary>
static class TrainingWorker
{
    // Between two tries to reach the members of a job.
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Works for a job. Any number of workers may, begin late, and stop at any time; one that dies is missed by nobody for
    /// longer than its work took.
    /// </summary>
    /// <param name="rows">The training rows: the same as every other worker's, in the same order.</param>
    /// <param name="threads">How many threads compute, from 1; changes no result.</param>
    /// <param name="name">For whoever watches.</param>
    /// <exception cref="ArgumentException">The rows are not those of the job.</exception>
    /// <exception cref="OperationCanceledException">The worker is to leave.</exception>
    public static Task RunAsync(
        TrainingJob job, FeatureStore rows, IShardMap map, ChannelOptions options, int threads, string name, TimeProvider clock,
        CancellationToken cancellationToken) => RunAsync(job, rows, map, options, threads, name, clock, null, cancellationToken);

    /// <summary>The same, telling what it does.</summary>
    /// <param name="progress">Reported to after every piece of work, on the thread that learns.</param>
    public static Task RunAsync(
        TrainingJob job, FeatureStore rows, IShardMap map, ChannelOptions options, int threads, string name, TimeProvider clock,
        IProgress<WorkerStep>? progress, CancellationToken cancellationToken)
    {
        job.Validate();
        if (rows.RowCount != job.RowCount || !rows.Layout.Equals(job.Features))
        {
            throw new ArgumentException(
                $"The worker has {rows.RowCount:N0} training rows of {rows.Layout.Numerics.Length + rows.Layout.Categories.Length} features, and job '{job.Id}' has " +
                $"{job.RowCount:N0} of {job.Features.Numerics.Length + job.Features.Categories.Length}. Every worker has to read the same data by the same pipeline.",
                nameof(rows));
        }

        return WorkAsync(job, rows, map, options, threads, name, clock, progress, cancellationToken);
    }

    static async Task WorkAsync(
        TrainingJob job, FeatureStore rows, IShardMap map, ChannelOptions options, int threads, string name, TimeProvider clock,
        IProgress<WorkerStep>? progress, CancellationToken cancellationToken)
    {
        using var replica = Replica.Of(job, threads);
        var cursor = new EpochCursor(rows, job.Training.Seed);
        var placement = await map.GetAsync(job.Id, cancellationToken);
        while (!placement.Shards.IsEmpty)
        {
            try
            {
                // Arithmetic and blocking sockets for minutes: a thread of its own.
                var under = placement;
                await Task.Factory.StartNew(
                    () =>
                    {
                        using var client = new ParameterClient(job, under, replica, options, name);
                        Work(job, replica, cursor, client, clock, progress, cancellationToken);
                    },
                    cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                return;
            }
            catch (ShardLostException lost)
            {
                placement = await map.ReportAsync(job.Id, placement.Epoch, lost.ShardIndex, cancellationToken);
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    static void Work(
        TrainingJob job, Replica replica, EpochCursor cursor, ParameterClient client, TimeProvider clock, IProgress<WorkerStep>? progress,
        CancellationToken cancellationToken)
    {
        var needs = new TableRows(replica);
        var push = replica.PushThrough(client, needs);
        var spans = new SpanPace(clock);
        var asked = clock.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (sent, received) = (client.BytesSent, client.BytesReceived);
            var status = client.Lease(out var lease);
            if (status == FrameStatus.Finished)
            {
                return;
            }

            if (status == FrameStatus.Ok)
            {
                var waited = clock.GetElapsedTime(asked);
                ParameterMetrics.WaitSeconds.Record(waited.TotalSeconds);
                var rowCount = Learn(job, cursor, client, push, needs, lease, clock, spans);
                asked = clock.GetTimestamp();
                progress?.Report(new WorkerStep(lease.Step, rowCount, waited));
            }

            ParameterMetrics.BytesSent.Add(client.BytesSent - sent);
            ParameterMetrics.BytesReceived.Add(client.BytesReceived - received);
        }
    }

    /// <returns>From how many rows.</returns>
    static int Learn(
        TrainingJob job, EpochCursor cursor, ParameterClient client, IWorkPush push, TableRows needs, WorkLease lease, TimeProvider clock,
        SpanPace spans)
    {
        var isSynchronous = job.Consistency == Consistency.Synchronous;
        var (first, count) = isSynchronous
            ? (lease.FirstPart * push.PartRows, lease.PartCount * push.PartRows)
            : (0, job.Training.BatchSize);
        cursor.Read((int)(lease.Step / job.BatchesPerEpoch), lease.Step % job.BatchesPerEpoch, job.Training.BatchSize, first, count);
        var batch = cursor.Batch;
        var rowCount = Math.Min(count, batch.RowCount - first);
        needs.Set(batch, first, rowCount);
        using var activity = spans.StartStep();
        activity?.SetTag("job", job.Id).SetTag("step", lease.Step).SetTag("rows", rowCount);
        if (!Pull(client, isSynchronous ? lease.Step : -1, needs, clock, activity))
        {
            return 0;
        }

        if (!isSynchronous)
        {
            push.Whole(batch, lease.Step);
            Push(client, lease.Step, clock, activity);
            return rowCount;
        }

        if (lease.FirstPart == 0)
        {
            push.Sum(batch, lease.Step, lease.PartCount);
            if (Push(client, lease.Step, clock, activity) != FrameStatus.Overlap)
            {
                return rowCount;
            }
        }

        push.Each(batch, lease.Step, lease.FirstPart, lease.PartCount);
        Push(client, lease.Step, clock, activity);
        return rowCount;
    }

    static bool Pull(ParameterClient client, long version, TableRows needs, TimeProvider clock, Activity? step)
    {
        using var activity = SpanPace.StartBelow(step, "pull");
        var started = clock.GetTimestamp();
        var isPulled = client.Pull(version, needs);
        ParameterMetrics.PullSeconds.Record(clock.GetElapsedTime(started).TotalSeconds);
        return isPulled;
    }

    static FrameStatus Push(ParameterClient client, long step, TimeProvider clock, Activity? above)
    {
        using var activity = SpanPace.StartBelow(above, "push");
        var started = clock.GetTimestamp();
        var status = client.Push(step);
        ParameterMetrics.PushSeconds.Record(clock.GetElapsedTime(started).TotalSeconds);
        return status;
    }
}

/// <summary>A piece of work that a worker has done.</summary>
/// <param name="Step">The batch, from 0, counted through all epochs.</param>
/// <param name="Rows">From how many of its rows; 0 where it came too late.</param>
/// <param name="Waited">Before it was handed out.</param>
readonly record struct WorkerStep(long Step, int Rows, TimeSpan Waited);
