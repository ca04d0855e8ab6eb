using System.Collections.Immutable;

namespace Capstan.Data;

/// <summary>How a column of one data set stands to that of another.</summary>
public enum ColumnChange
{
    /// <summary>No difference that is more than chance, or a divergence and change of missing values below 0.01.</summary>
    Alike,

    /// <summary>More than chance, below 0.1: look at it.</summary>
    Moved,

    /// <summary>
    /// A divergence or a change of the share of missing values of 0.1 or more: as of a mean by 0.8 standard deviations.
    /// </summary>
    MovedFar,

    /// <summary>Both hold values, of types that can't be compared.</summary>
    OtherType,

    /// <summary>Only the second data set has it.</summary>
    Added,

    /// <summary>Only the first data set has it.</summary>
    Removed,
}

/// <summary>A column of two data sets, of which at least one has it.</summary>
public sealed class ColumnComparison
{
    const double Notable = 0.01;
    const double Far = 0.1;

    internal ColumnComparison(string name, ColumnStatistics? left, ColumnStatistics? right) => (Name, Left, Right, Distance) =
        (name, left, right, left is null || right is null ? null : ColumnDistance.Between(left, right));

    public string Name { get; }

    /// <summary>Of the first; null where it does not have the column.</summary>
    public ColumnStatistics? Left { get; }

    /// <summary>Of the second; null where it does not have the column.</summary>
    public ColumnStatistics? Right { get; }

    /// <summary>Null where a side does not have the column.</summary>
    public ColumnDistance? Distance { get; }

    public ColumnChange Change
    {
        get
        {
            if (Left is null || Right is null || Distance is null)
            {
                return Left is null ? ColumnChange.Added : ColumnChange.Removed;
            }

            if (Left.PresentCount > 0 && Right.PresentCount > 0 && Distance.JensenShannon is null)
            {
                return ColumnChange.OtherType;
            }

            var most = Math.Max(Significant(Distance.JensenShannon), Significant(Distance.Missing));
            return most >= Far ? ColumnChange.MovedFar : most >= Notable ? ColumnChange.Moved : ColumnChange.Alike;
        }
    }

    static double Significant(Distance? distance) => distance is { IsSignificant: true } real ? real.Value : 0;
}

/// <summary>Two data sets side by side, column by column.</summary>
public static class TableComparison
{
    /// <returns>The first data set's columns in order, then those that only the second has.</returns>
    public static ImmutableArray<ColumnComparison> Of(TableStatistics left, TableStatistics right) =>
    [
        .. left.Schema.Names.Select(name =>
            new ColumnComparison(name, left[name], right.Schema.IndexOf(name) >= 0 ? right[name] : null)),
        .. right.Schema.Names.Where(name => left.Schema.IndexOf(name) < 0)
            .Select(name => new ColumnComparison(name, null, right[name])),
    ];
}
