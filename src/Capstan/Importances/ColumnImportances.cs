using System.Collections.Immutable;

namespace Capstan;

/// <summary>How much a model needs a raw column.</summary>
/// <param name="Drop">
/// How much worse the metric gets, on average, when the column's values are shuffled between the rows: near 0, or below, the
/// model does as well without. In the metric's unit; above 0 is worse whichever way is better.
/// </param>
/// <param name="Deviation">The standard deviation of that between the shuffles.</param>
public readonly record struct ColumnImportance(string Column, double Drop, double Deviation)
{
    /// <summary>
    /// Trees: the share, 0 to 1, that splits on the column's features had in lowering the training objective; otherwise null.
    /// </summary>
    public double? GainShare { get; init; }

    /// <summary>Trees: how many splits ask for a feature of the column; otherwise null.</summary>
    public int? Splits { get; init; }
}

/// <summary>How much a model needs each raw column that it reads.</summary>
/// <param name="Metric">What is measured: the primary metric of the evaluation.</param>
/// <param name="Value">The metric on the rows as they are.</param>
/// <param name="Rows">How many rows it was measured on.</param>
/// <param name="Repeats">How many times each column was shuffled.</param>
/// <param name="Columns">The most important first.</param>
public sealed record ColumnImportances(
    string Metric, double Value, long Rows, int Repeats, ImmutableArray<ColumnImportance> Columns);

/// <summary>How importances are measured.</summary>
public sealed record ImportanceOptions
{
    /// <summary>How many times each column is shuffled, 1 or more.</summary>
    public int Repeats { get; init; } = 5;

    /// <summary>Of the shuffles, and of which rows are taken where there are more than <see cref="MostRows"/>.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// The most rows that are kept in memory and measured on, 2 or more: a uniform sample where there are more.
    /// </summary>
    public int MostRows { get; init; } = 20_000;

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        if (Repeats < 1 || MostRows < 2)
        {
            throw new ArgumentException(
                $"{Repeats} repeats on at most {MostRows} rows can't be; expected 1 repeat or more, and 2 rows or more.");
        }
    }
}
