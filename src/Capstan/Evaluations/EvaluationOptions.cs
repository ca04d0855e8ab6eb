using Capstan.Data;
using Capstan.Training;

namespace Capstan;

/// <summary>What an evaluation looks at besides the metrics of all rows.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Confidence intervals; its threads are those of <see cref="Threads"/>.</summary>
    public BootstrapOptions Bootstrap { get; init; } = new();

    /// <summary>Columns, or expressions that yield numbers or truths, by whose values the metrics are given, too.</summary>
    public IReadOnlyList<string> Slices { get; init; } = [];

    /// <summary>So many slices of most rows are given of a column of texts; the others together are one more.</summary>
    public int MostSlices { get; init; } = 10;

    /// <summary>Numbers of more than <see cref="MostSlices"/> values are cut into so many bins of about equally many
    /// rows.</summary>
    public int NumberBins { get; init; } = 5;

    /// <summary>A slice of fewer rows is marked as small.</summary>
    public int SmallSlice { get; init; } = 100;

    /// <summary>Classification: probabilities above which to call positive.</summary>
    public IReadOnlyList<double> Thresholds { get; init; } = [0.5];

    /// <summary>Points of a curve, at most.</summary>
    public int CurvePoints { get; init; } = 200;

    /// <summary>Classification of several classes: so many, those of most rows, are also looked at one by one, against all
    /// others.</summary>
    public int MostClasses { get; init; } = 10;

    /// <summary>Other models of the same label, compared on the same rows.</summary>
    public IReadOnlyList<TrainedModel> Against { get; init; } = [];

    /// <summary>How many threads read the rows and compute replicates; all by default. Changes no result.</summary>
    public int Threads { get; init; } = ParallelPass.AllThreads;

    internal void Validate()
    {
        Bootstrap.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(MostSlices, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(NumberBins, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(CurvePoints, 3);
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(MostClasses);
        if (Thresholds.FirstOrDefault(threshold => threshold is not (>= 0 and <= 1), 0.5) is var wrong and not (>= 0 and <= 1))
        {
            throw new ArgumentException($"A threshold is {wrong}, expected a probability from 0 to 1.");
        }
    }
}
