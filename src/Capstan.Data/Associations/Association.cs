namespace Capstan.Data;

/// <summary>How the association of two columns is measured.</summary>
public enum AssociationKind
{
    /// <summary>Of two numbers: Pearson's correlation, −1 to 1.</summary>
    Correlation,

    /// <summary>Of two categories: Cramér's V, 0 to 1, without what chance alone gives.</summary>
    CramersV,

    /// <summary>Of a category (left) and a number: the correlation ratio η, 0 to 1, without what chance alone gives.</summary>
    CorrelationRatio,
}

/// <summary>How much of one column the other tells.</summary>
/// <param name="Strength">See <see cref="AssociationKind"/>; 0 is none.</param>
/// <param name="RowCount">The rows in which both are present.</param>
public sealed record Association(string Left, string Right, AssociationKind Kind, double Strength, long RowCount);

/// <summary>What a column's value says of the label.</summary>
/// <param name="RowCount">The rows with the value in which the label is present.</param>
/// <param name="LabelValue">The label's value that is meant; null for a label of numbers.</param>
/// <param name="Found">Among these rows, the label value's share, or the label's mean.</param>
/// <param name="Expected">The same among all rows in which both are present.</param>
/// <param name="Lift">
/// Found divided by expected; for a label of numbers, their difference in standard deviations of the label.
/// </param>
/// <param name="Score">How many standard errors the value's rows are from what is expected, in magnitude.</param>
public sealed record LabelLift(
    string Column, string Value, long RowCount, string? LabelValue, double Found, double Expected, double Lift, double Score);
