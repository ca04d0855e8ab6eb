using System.Collections.Immutable;

namespace Capstan.Data.DuckDb;

/// <summary>A row that was left out.</summary>
/// <param name="LineNumber">1-based line (CSV, JSON lines) or row (Parquet).</param>
/// <param name="Column">The column's name, or null where the whole row is broken.</param>
/// <param name="Found">The text found, shortened.</param>
/// <param name="Expected">What was expected, in words.</param>
public sealed record BadRow(string File, long LineNumber, string? Column, string Found, string Expected)
{
    public override string ToString() =>
        $"{File}, line {LineNumber:N0}{(Column is null ? "" : $", column '{Column}'")}: found '{Found}', expected {Expected}";
}

/// <summary>The rows of one file that were left out.</summary>
public sealed class FileBadRows(string file, long count, long notUtf8Count, ImmutableArray<BadRow> examples)
{
    public string File { get; } = file;

    public long Count { get; } = count;

    /// <summary>How many of them were no valid UTF-8 text.</summary>
    public long NotUtf8Count { get; } = notUtf8Count;

    /// <summary>The first few, in the file's order.</summary>
    public ImmutableArray<BadRow> Examples { get; } = examples;
}

/// <summary>The values of one column that could not be read and count as missing.</summary>
public sealed class MissingValues(string column, long count, ImmutableArray<BadRow> examples)
{
    public string Column { get; } = column;

    public long Count { get; } = count;

    /// <summary>The first few, in the files' order.</summary>
    public ImmutableArray<BadRow> Examples { get; } = examples;
}

/// <summary>
/// The rows that were left out by the latest complete reading of each split (so a second pass counts nothing twice), file by
/// file.
/// </summary>
public sealed class BadRowReport(ImmutableArray<FileBadRows> files, ImmutableArray<MissingValues> madeMissing)
{
    /// <summary>Only files with bad rows.</summary>
    public ImmutableArray<FileBadRows> Files { get; } = files;

    /// <summary>Columns with values that were made missing (<see cref="BadRowPolicy.Null"/>), over all files.</summary>
    public ImmutableArray<MissingValues> MadeMissing { get; } = madeMissing;

    /// <summary>How many rows were left out.</summary>
    public long Count => Files.Sum(file => file.Count);

    /// <summary>How many of them were no valid UTF-8 text.</summary>
    public long NotUtf8Count => Files.Sum(file => file.NotUtf8Count);

    /// <summary>A few lines for people; empty where every row could be read.</summary>
    public override string ToString() => string.Join('\n',
    [
        .. Files.Select(file => $"{file.File}: {file.Count:N0} {(file.Count == 1 ? "row" : "rows")} left out; the first:" +
            $"\n  {string.Join("\n  ", file.Examples)}"),
        .. MadeMissing.Select(column =>
            $"column '{column.Column}': {column.Count:N0} {(column.Count == 1 ? "value" : "values")} made missing; the first:" +
            $"\n  {string.Join("\n  ", column.Examples)}"),
    ]);
}
