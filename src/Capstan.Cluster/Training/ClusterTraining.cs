using System.Collections.Immutable;
using Capstan.Parameters;
using Capstan.Training;
using Orleans.Runtime;

namespace Capstan.Cluster;

/// <summary>A training by the workers and parameter servers of a job: places the shards, tells the workers, waits for the end.</summary>
sealed class ClusterTraining(ICoordination job, TrainingOrder order, ChannelOptions channel, TimeProvider clock) : ISharedTraining, IServerPool
{
    const int BatchesPerCheckpoint = 200;

    ImmutableArray<ServerAddress> _servers = [];

    /// <summary>What workers learn for: the same whoever coordinates.</summary>
    public static string JobFile(JobDefinition job) => Path.Combine(job.Folder, "training.json");

    public async Task<TrainingResult> RunAsync(
        SharedTask task, FeatureStore train, FeatureStore? validation, IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken)
    {
        var definition = DefinitionOf(task, train.RowCount);
        WriteAside(JobFile(job.Job), TrainingJobText.Of(definition));
        using var training = new DistributedTraining(definition, this, channel, task.Start, clock, job.Log);
        using var map = ShardMapListener.Start(training.Map, channel, job.Address, 0);
        job.Publish(map.Address.ToString());
        return await training.RunAsync(validation, progress, cancellationToken);
    }

    public async ValueTask<ImmutableArray<ServerAddress>> ServersAsync(CancellationToken cancellationToken)
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
        // Norms are over all parameters, so that clipping needs them in one place.
        Shards = task.Learner is LearnerDefinition.Network { Options.MaxGradientNorm: not null } ? 1 : Math.Max(1, job.Job.ParameterServers),
        Replicas = Math.Clamp(order.Replicas, 0, Math.Min(2, Math.Max(0, job.Job.ParameterServers - 1))),
        CheckpointFolder = Path.Combine(job.Job.Folder, "checkpoints"),
        CheckpointEvery = BatchesPerCheckpoint,
    };

    // A worker must never read half of it.
    static void WriteAside(string path, string text)
    {
        var aside = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllText(aside, text);
        File.Move(aside, path, overwrite: true);
    }
}
