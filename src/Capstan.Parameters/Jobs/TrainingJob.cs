using System.Collections.Immutable;
using Capstan.Features;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>
/// A distributed training as every member has to know it: what is learned, over which rows in which order, and how. Members
/// build the same rows (<see cref="FeatureStore"/>) from the same pipeline. As text: <see cref="TrainingJobText"/>.
/// </summary>
/// <param name="Id">Letters, digits, '-' and '_': it names checkpoint files, too.</param>
/// <param name="RowCount">Training rows of an epoch; every worker's store has to have as many.</param>
sealed record TrainingJob(
    string Id, Loss Loss, FeatureLayout Features, LearnerDefinition Learner, TrainingOptions Training, long RowCount)
{
    public Consistency Consistency { get; init; } = Consistency.Synchronous;

    /// <summary>τ ≥ 0 of <see cref="Consistency.Bounded"/>, in batches.</summary>
    public int MaxDelay { get; init; } = 4;

    /// <summary>How many ranges the parameters are cut into, at least 1.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>How many more servers hold each shard, from 0 to 2.</summary>
    public int Replicas { get; init; }

    /// <summary>How many workers may repeat what slow ones are at, ≥ 0.</summary>
    public int BackupWorkers { get; init; } = 1;

    /// <summary>The folder, which all servers can write to, for checkpoints; null for none.</summary>
    public string? CheckpointFolder { get; init; }

    /// <summary>Batches between two checkpoints, at least 1; the end of an epoch always makes one.</summary>
    public int CheckpointEvery { get; init; } = 1000;

    /// <summary>How gradients and parameters travel. Anything but single precision is for
    /// <see cref="Consistency.Asynchronous"/> and <see cref="Consistency.Bounded"/>.</summary>
    public WireNumbers Numbers { get; init; } = WireNumbers.Single;

    /// <summary>What learns, where that is a network.</summary>
    public LearnerDefinition.Network Network => (LearnerDefinition.Network)Learner;

    /// <summary>All parameters, in the order in which shards cut them.</summary>
    public ImmutableArray<BlockSpec> Blocks => Learner is LearnerDefinition.Linear ? LinearBlocks.Of(this) : NetworkBlocks.Of(this).Blocks;

    /// <summary>
    /// Rows of tables whose gradients are all smaller are held back by the worker (<see cref="HeldGradients"/>); 0 for none. For
    /// <see cref="Consistency.Asynchronous"/> and <see cref="Consistency.Bounded"/>.
    /// </summary>
    public float LeastGradient { get; init; }

    public long BatchesPerEpoch => (RowCount + Training.BatchSize - 1) / Training.BatchSize;

    /// <exception cref="ArgumentException">One or more values are out of range; the message lists them all.</exception>
    public void Validate()
    {
        Training.Validate();
        Learner.Validate();
        var problems = new List<string>();
        Check(Id.Length is >= 1 and <= 100 && Id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'), nameof(Id), Id,
            "1 to 100 letters, digits, '-' and '_'");
        Check(RowCount >= 1, nameof(RowCount), RowCount, "at least 1");
        Check(Shards is >= 1 and <= 1024, nameof(Shards), Shards, "from 1 to 1024");
        Check(Replicas is >= 0 and <= 2, nameof(Replicas), Replicas, "0, 1 or 2");
        Check(BackupWorkers >= 0, nameof(BackupWorkers), BackupWorkers, "0 or more");
        Check(MaxDelay >= 0, nameof(MaxDelay), MaxDelay, "0 or more");
        Check(CheckpointEvery >= 1, nameof(CheckpointEvery), CheckpointEvery, "at least 1");
        Check(Numbers == WireNumbers.Single || Consistency != Consistency.Synchronous, nameof(Numbers), Numbers,
            "Single where training is synchronous, since its bits are promised");
        Check(LeastGradient >= 0 && float.IsFinite(LeastGradient), nameof(LeastGradient), LeastGradient, "0 or more");
        Check(LeastGradient == 0 || Consistency != Consistency.Synchronous, nameof(LeastGradient), LeastGradient,
            "0 where training is synchronous, since its bits are promised");
        Check(Shards == 1 || Learner is not LearnerDefinition.Network { Options.MaxGradientNorm: not null }, nameof(Shards), Shards,
            "1 where gradients are clipped, since the norm is over all parameters");
        if (problems.Count > 0)
        {
            throw new ArgumentException($"The distributed training can't be: {string.Join("; ", problems)}.");
        }

        void Check(bool holds, string name, object found, string expected)
        {
            if (!holds)
            {
                problems.Add($"{name} is {found}, expected {expected}");
            }
        }
    }
}
