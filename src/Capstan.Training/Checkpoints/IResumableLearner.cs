namespace Capstan.Training;

/// <summary>
/// A learner whose state can be stored and taken up again, in another process, too: learning then goes on as if it had never
/// stopped, to the bit.
/// </summary>
public interface IResumableLearner : ILearner
{
    /// <summary>Writes everything that later batches depend on and the constructor does not set, under tags never reused.</summary>
    void Save(CheckpointWriter state);

    /// <summary>Takes up what a learner of the same construction saved, in place of the own state.</summary>
    /// <exception cref="Data.CorruptStateException">The state is another learner's.</exception>
    void Restore(CheckpointReader state);
}
