namespace Capstan.Training;

/// <summary>How long to train, in what portions, and when to stop.</summary>
public sealed record TrainingOptions
{
    public static TrainingOptions Default { get; } = new();

    /// <summary>Passes over the training rows, at most.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Rows per batch, in training and in validation.</summary>
    public int BatchSize { get; init; } = 1024;

    /// <summary>What the order of the rows follows from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// Stop after this many epochs in a row without a lower validation loss; null never stops early. Needs validation rows.
    /// </summary>
    public int? Patience { get; init; } = 3;

    /// <summary>A validation loss counts as lower if it is lower by more than this, in units of the loss.</summary>
    public double MinDelta { get; init; }

    /// <summary>Batches between two reports of progress.</summary>
    public int ProgressEvery { get; init; } = 100;

    /// <exception cref="ArgumentException">One or more values are out of range; the message lists them all.</exception>
    public void Validate()
    {
        var problems = new List<string>();
        CheckAtLeastOne(nameof(Epochs), Epochs);
        CheckAtLeastOne(nameof(BatchSize), BatchSize);
        CheckAtLeastOne(nameof(Patience), Patience ?? 1);
        CheckAtLeastOne(nameof(ProgressEvery), ProgressEvery);
        if (!(MinDelta >= 0 && double.IsFinite(MinDelta)))
        {
            problems.Add($"{nameof(MinDelta)} is {MinDelta}, expected 0 or more");
        }

        if (problems.Count > 0)
        {
            throw new ArgumentException("The training options are out of range: " + string.Join("; ", problems) + ".");
        }

        void CheckAtLeastOne(string name, int found)
        {
            if (found < 1)
            {
                problems.Add($"{name} is {found}, expected 1 or more");
            }
        }
    }
}
