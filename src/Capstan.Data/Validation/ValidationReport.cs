using System.Collections.Immutable;

namespace Capstan.Data;

/// <summary>What data is held against besides the schema's own rules.</summary>
public sealed record ValidationOptions
{
    /// <summary>Where the data is met, one of the schema's environments; null: every column must be there.</summary>
    public string? Environment { get; init; }

    /// <summary>Statistics of the data before this, for drift and the numbers of rows; null: not compared.</summary>
    public TableStatistics? Previous { get; init; }

    /// <summary>Statistics of the training data, for skew; null: not compared.</summary>
    public TableStatistics? Training { get; init; }

    /// <summary>Rows that could not be read and are in no statistics.</summary>
    public UnreadableRows Unreadable { get; init; } = UnreadableRows.None;

    /// <summary>
    /// Values that could not be read as their column's type and count as missing: at most one entry for a column.
    /// </summary>
    public IReadOnlyList<UnreadableValues> UnreadableValues { get; init; } = [];
}

/// <summary>Values of a column that could not be read and count as missing.</summary>
/// <param name="Example">The first one, with file, line, what was found and what was expected.</param>
public sealed record UnreadableValues(string Column, long Count, string? Example);

/// <summary>Rows that could not be read.</summary>
/// <param name="Count">All of them.</param>
/// <param name="NotUtf8">Those that are no valid UTF-8 text.</param>
/// <param name="Example">The first one, with file, line, what was found and what was expected; null where there is none.</param>
public sealed record UnreadableRows(long Count, long NotUtf8, string? Example)
{
    public static readonly UnreadableRows None = new(0, 0, null);
}

/// <summary>All anomalies of a data set.</summary>
public sealed class ValidationReport(ImmutableArray<Anomaly> anomalies, long rowCount)
{
    /// <summary>First the data set's own, then the schema's columns in order, then new columns.</summary>
    public ImmutableArray<Anomaly> Anomalies { get; } = anomalies;

    /// <summary>The rows that were looked at.</summary>
    public long RowCount { get; } = rowCount;

    public bool HasAnomalies => !Anomalies.IsEmpty;

    public bool HasErrors => Anomalies.Any(anomaly => anomaly.Severity == Severity.Error);

    /// <summary>A line for each anomaly.</summary>
    public override string ToString() => HasAnomalies
        ? string.Join('\n', Anomalies.Select(anomaly => $"{anomaly.Code}: {anomaly.Message}"))
        : $"{RowCount:N0} rows are as the schema says";
}
