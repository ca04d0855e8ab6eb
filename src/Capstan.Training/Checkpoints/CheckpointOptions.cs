namespace Capstan.Training;

/// <summary>Where and how often a training's state is kept. Changes no result.</summary>
/// <param name="Folder">Made if need be; of one training at a time.</param>
public sealed record CheckpointOptions(string Folder)
{
    /// <summary>So much time passes between two checkpoints, at the least.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>So many batches between two checkpoints instead; null goes by time.</summary>
    public int? EveryBatches { get; init; }

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        if (Every < TimeSpan.Zero || EveryBatches < 1)
        {
            throw new ArgumentException(
                $"A checkpoint every {EveryBatches?.ToString() ?? $"{Every}"} can't be; expected 1 batch or more, or a time of 0 or more.");
        }
    }
}
