namespace Capstan.Training;

/// <summary>A training whose state a <see cref="CheckpointFolder"/> keeps and gives back.</summary>
interface ICheckpointed
{
    /// <summary>Where it stands, for people: "3 batches of epoch 2".</summary>
    string Position { get; }

    /// <summary>What it has that can't be stored, by name; null if all can.</summary>
    string? Unstorable { get; }

    void Save(CheckpointWriter state);

    /// <summary>Takes up what a training of the same identity saved.</summary>
    /// <exception cref="Data.CorruptStateException">The state is of something else.</exception>
    void Restore(CheckpointReader state);
}
