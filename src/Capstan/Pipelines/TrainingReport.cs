using Capstan.Training;

namespace Capstan;

/// <summary>What a training is doing, for progress bars and logs.</summary>
public abstract record TrainingReport
{
    private protected TrainingReport()
    {
    }

    /// <summary>Reading rows: to find out their statistics, or to turn them into features.</summary>
    /// <param name="Stage">What for.</param>
    /// <param name="Rows">Rows read so far.</param>
    /// <param name="RowsTotal">Null where only reading tells.</param>
    public sealed record Reading(string Stage, long Rows, long? RowsTotal) : TrainingReport;

    /// <summary>Learning, batch by batch and epoch by epoch.</summary>
    public sealed record Learning(TrainingProgress Progress) : TrainingReport;

    /// <summary>A database has found what the features need; no row was read for it.</summary>
    /// <param name="Analyses">How many statistics, boundaries, vocabularies and tables by key.</param>
    /// <param name="Queries">By how many queries.</param>
    public sealed record Analysed(string Database, int Analyses, int Queries) : TrainingReport;

    /// <summary>The finished model's metrics on the rows held out.</summary>
    public sealed record Validated(IReadOnlyDictionary<string, double> Metrics) : TrainingReport;

    /// <summary>Something that makes the model worse than it looks, or than it could be.</summary>
    public sealed record Warning(TrainingWarning Found) : TrainingReport;

    /// <summary>Something a person should know: a column left out, rows without a label.</summary>
    public sealed record Notice(string Text) : TrainingReport;
}
