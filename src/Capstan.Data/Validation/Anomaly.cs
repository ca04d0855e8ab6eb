using System.Diagnostics;

namespace Capstan.Data;

/// <summary>The ways in which data is not what a <see cref="DataSchema"/> says. Each has a stable code for programs.</summary>
public enum AnomalyKind
{
    MissingColumn,
    NewColumn,
    UnexpectedType,
    LowFractionPresent,
    HighFractionPresent,
    LowCountPresent,
    UnexpectedValues,
    TooSmall,
    TooBig,
    TooEarly,
    TooLate,
    LowDistinct,
    HighDistinct,
    NotUnique,
    InvalidUtf8,
    UnreadableRows,
    LowRows,
    HighRows,
    LowRowsRatio,
    HighRowsRatio,
    LInfinityHigh,
    JensenShannonHigh,
    NormalizedAbsoluteDifferenceHigh,
    MissingShareMoved,
    UnreadableValues,
    TooFewItems,
    TooManyItems,
}

/// <summary>How bad an anomaly is for a model that uses the data.</summary>
public enum Severity
{
    /// <summary>Something to look at: a model made for the schema works all the same.</summary>
    Warning,

    /// <summary>A model made for the schema can't be relied on.</summary>
    Error,
}

/// <summary>One way in which data is not what the schema says.</summary>
/// <param name="Column">The column; null where it is about the whole data set.</param>
/// <param name="Found">What was found, as a clause.</param>
/// <param name="Expected">What the schema says, as a clause.</param>
/// <param name="Remedy">What to do, as a sentence without its full stop.</param>
public sealed record Anomaly(AnomalyKind Kind, string? Column, string Found, string Expected, string Remedy)
{
    /// <summary>The stable code, such as <c>unexpected_values</c>.</summary>
    public string Code => CodeOf(Kind);

    public Severity Severity => SeverityOf(Kind);

    /// <summary>One line for people.</summary>
    public string Message => $"{(Column is null ? "data set" : $"column '{Column}'")}: {Found}; {Expected}. {Remedy}.";

    public override string ToString() => Message;

    /// <summary>The stable code of a kind; codes are never reused.</summary>
    public static string CodeOf(AnomalyKind kind) => kind switch
    {
        AnomalyKind.MissingColumn => "missing_column",
        AnomalyKind.NewColumn => "new_column",
        AnomalyKind.UnexpectedType => "unexpected_type",
        AnomalyKind.LowFractionPresent => "low_fraction_present",
        AnomalyKind.HighFractionPresent => "high_fraction_present",
        AnomalyKind.LowCountPresent => "low_count_present",
        AnomalyKind.UnexpectedValues => "unexpected_values",
        AnomalyKind.TooSmall => "too_small",
        AnomalyKind.TooBig => "too_big",
        AnomalyKind.TooEarly => "too_early",
        AnomalyKind.TooLate => "too_late",
        AnomalyKind.LowDistinct => "low_distinct",
        AnomalyKind.HighDistinct => "high_distinct",
        AnomalyKind.NotUnique => "not_unique",
        AnomalyKind.InvalidUtf8 => "invalid_utf8",
        AnomalyKind.UnreadableRows => "unreadable_rows",
        AnomalyKind.LowRows => "low_rows",
        AnomalyKind.HighRows => "high_rows",
        AnomalyKind.LowRowsRatio => "low_rows_ratio",
        AnomalyKind.HighRowsRatio => "high_rows_ratio",
        AnomalyKind.LInfinityHigh => "l_infinity_high",
        AnomalyKind.JensenShannonHigh => "jensen_shannon_high",
        AnomalyKind.NormalizedAbsoluteDifferenceHigh => "normalized_absolute_difference_high",
        AnomalyKind.MissingShareMoved => "missing_share_moved",
        AnomalyKind.UnreadableValues => "unreadable_values",
        AnomalyKind.TooFewItems => "too_few_items",
        AnomalyKind.TooManyItems => "too_many_items",
        _ => throw new UnreachableException(),
    };

    /// <summary>What a model can't see can't hurt it: a new column is a warning, and so are more rows than usual.</summary>
    public static Severity SeverityOf(AnomalyKind kind) => kind switch
    {
        AnomalyKind.NewColumn or AnomalyKind.HighRows or AnomalyKind.HighRowsRatio => Severity.Warning,
        _ => Severity.Error,
    };
}
