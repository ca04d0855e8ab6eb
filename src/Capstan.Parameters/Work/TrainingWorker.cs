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
                        new WorkerCourse(job, replica, cursor, client, clock, progress).Run(cancellationToken);
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
}

/// <summary>A piece of work that a worker has done.</summary>
/// <param name="Step">The batch, from 0, counted through all epochs.</param>
/// <param name="Rows">From how many of its rows; 0 where it came too late.</param>
/// <param name="Waited">Before it was handed out.</param>
readonly record struct WorkerStep(long Step, int Rows, TimeSpan Waited);
