using System.Collections.Immutable;
using System.Text;
using Capstan.Parameters;
using Capstan.Training;
using Orleans.Runtime;

namespace Capstan.Cluster;

/// <summary>A training by the workers and parameter servers of a job: places the shards, tells the workers, waits for the end.</summary>
sealed class ClusterTraining(ICoordination job, TrainingOrder order, ChannelOptions channel, TimeProvider clock) : ISharedTraining, IServerPool
{
    const int BatchesPerCheckpoint = 200;

    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    // A scheduler that has just begun does not know of all nodes yet.
    const int LooksForAbsence = 3;

    ImmutableArray<ServerAddress> _servers = [];

    /// <summary>What workers learn for: the same whoever coordinates.</summary>
    public static string JobFile(JobDefinition job) => Path.Combine(job.Folder, "training.json");

    public async Task<TrainingResult> RunAsync(
        SharedTask task, FeatureStore train, FeatureStore? validation, IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken)
    {
        var definition = DefinitionOf(task, train.RowCount);
        WholeFile.Write(JobFile(job.Job), Encoding.UTF8.GetBytes(TrainingJobText.Of(definition))); // a worker must never read half of it
        using var training = new DistributedTraining(definition, this, channel, task.Start, clock, job.Log) { IsHandedOver = () => job.IsHandedOver };
        using var map = ShardMapListener.Start(training.Map, channel, job.Address, 0);
        job.Publish(map.Address.ToString());
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var moving = MoveAsync(training.Director, over.Token);
        try
        {
            return await training.RunAsync(validation, progress, cancellationToken);
        }
        finally
        {
            await over.CancelAsync();
            await moving;
        }
    }

    /// <summary>
    /// Moves shards off servers that are on no list any more: they leave, and wait to be empty; or they are dead, which nobody has found out yet.
    /// </summary>
    async Task MoveAsync(ShardDirector director, CancellationToken over)
    {
        var absent = new Dictionary<ServerAddress, int>();
        while (!over.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Look, clock, over);
                var listed = await ListedAsync(over);
                foreach (var server in absent.Keys.Where(listed.Contains).ToArray())
                {
                    absent.Remove(server);
                }

                foreach (var server in director.Map.Shards.SelectMany(shard => shard.Replicas.Append(shard.Primary)).Distinct().Except(listed))
                {
                    absent[server] = absent.GetValueOrDefault(server) + 1;
                }

                if (absent.FirstOrDefault(server => server.Value >= LooksForAbsence) is { Value: > 0 } gone && listed.Length > 0)
                {
                    absent.Remove(gone.Key);
                    await director.DrainAsync(gone.Key, over);
                }
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                return;
            }
            catch (ChannelException)
            {
                // Nobody could be reached: whoever learns will say so.
            }
        }
    }

    /// <remarks>Where there is none, one may be on its way from the pool: waits for a look or two.</remarks>
    public async ValueTask<ImmutableArray<ServerAddress>> ServersAsync(CancellationToken cancellationToken)
    {
        for (var look = 0; look < LooksForAbsence; look++)
        {
            if (await ListedAsync(cancellationToken) is { IsEmpty: false } listed)
            {
                return listed;
            }

            await Task.Delay(Look, clock, cancellationToken);
        }

        return [];
    }

    async Task<ImmutableArray<ServerAddress>> ListedAsync(CancellationToken cancellationToken)
    {
        try
        {
            _servers = [.. (await job.ServersAsync(cancellationToken)).Select(ServerAddress.Parse)];
        }
        catch (Exception fault) when (fault is OrleansException or TimeoutException)
        {
            // The scheduler's node has died, and another is on its way: those known last are still the likeliest.
        }

        return _servers;
    }

    TrainingJob DefinitionOf(SharedTask task, long rows) => new(
        job.Job.Id, task.Loss, task.Features, task.Learner, task.Training, rows)
    {
        Consistency = (Consistency)order.Consistency,
        MaxDelay = order.MaxDelay,
        Numbers = (WireNumbers)order.Wire,
        LeastGradient = order.LeastGradient,
        // Norms are over all parameters, so that clipping needs them in one place.
        Shards = task.Learner is LearnerDefinition.Network { Options.MaxGradientNorm: not null } ? 1 : Math.Max(1, job.Job.ParameterServers),
        Replicas = Math.Clamp(order.Replicas, 0, Math.Min(2, Math.Max(0, job.Job.ParameterServers - 1))),
        CheckpointFolder = Path.Combine(job.Job.Folder, "checkpoints"),
        CheckpointEvery = BatchesPerCheckpoint,
    };
}
