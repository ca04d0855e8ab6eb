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
        CancellationToken cancellationToken)
    {
        job.Validate();
        if (rows.RowCount != job.RowCount || !rows.Layout.Equals(job.Features))
        {
            throw new ArgumentException(
                $"The worker has {rows.RowCount:N0} training rows of {rows.Layout.Numerics.Length + rows.Layout.Categories.Length} features, and job '{job.Id}' has " +
                $"{job.RowCount:N0} of {job.Features.Numerics.Length + job.Features.Categories.Length}. Every worker has to read the same data by the same pipeline.",
                nameof(rows));
        }

        return WorkAsync(job, rows, map, options, threads, name, clock, cancellationToken);
    }

    static async Task WorkAsync(
        TrainingJob job, FeatureStore rows, IShardMap map, ChannelOptions options, int threads, string name, TimeProvider clock,
        CancellationToken cancellationToken)
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
                        Work(job, replica, cursor, client, clock, cancellationToken);
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
        TrainingJob job, Replica replica, EpochCursor cursor, ParameterClient client, TimeProvider clock, CancellationToken cancellationToken)
    {
        var needs = new TableRows(replica);
        var push = replica.PushThrough(client, needs);
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
                ParameterMetrics.WaitSeconds.Record(clock.GetElapsedTime(asked).TotalSeconds);
                Learn(job, cursor, client, push, needs, lease, clock);
                asked = clock.GetTimestamp();
            }

            ParameterMetrics.BytesSent.Add(client.BytesSent - sent);
            ParameterMetrics.BytesReceived.Add(client.BytesReceived - received);
        }
    }

    static void Learn(
        TrainingJob job, EpochCursor cursor, ParameterClient client, IWorkPush push, TableRows needs, WorkLease lease, TimeProvider clock)
    {
        var isSynchronous = job.Consistency == Consistency.Synchronous;
        var (first, count) = isSynchronous
            ? (lease.FirstPart * push.PartRows, lease.PartCount * push.PartRows)
            : (0, job.Training.BatchSize);
        cursor.Read((int)(lease.Step / job.BatchesPerEpoch), lease.Step % job.BatchesPerEpoch, job.Training.BatchSize, first, count);
        var batch = cursor.Batch;
        needs.Set(batch, first, Math.Min(count, batch.RowCount - first));
        var started = clock.GetTimestamp();
        var isPulled = client.Pull(isSynchronous ? lease.Step : -1, needs);
        ParameterMetrics.PullSeconds.Record(clock.GetElapsedTime(started).TotalSeconds);
        if (!isPulled)
        {
            return;
        }

        if (!isSynchronous)
        {
            push.Whole(batch, lease.Step);
            Push(client, lease.Step, clock);
            return;
        }

        if (lease.FirstPart == 0)
        {
            push.Sum(batch, lease.Step, lease.PartCount);
            if (Push(client, lease.Step, clock) != FrameStatus.Overlap)
            {
                return;
            }
        }

        push.Each(batch, lease.Step, lease.FirstPart, lease.PartCount);
        Push(client, lease.Step, clock);
    }

    static FrameStatus Push(ParameterClient client, long step, TimeProvider clock)
    {
        var started = clock.GetTimestamp();
        var status = client.Push(step);
        ParameterMetrics.PushSeconds.Record(clock.GetElapsedTime(started).TotalSeconds);
        return status;
    }
}
