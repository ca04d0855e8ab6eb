namespace Capstan.Data;

/// <summary>A row of a data file can't be read as the schema says.</summary>
/// <param name="file">The file as the user named it.</param>
/// <param name="lineNumber">1-based line (CSV, JSON lines) or row (Parquet); 0 where unknown.</param>
/// <param name="column">The column's name, or null where the whole row is broken.</param>
/// <param name="found">The text found, shortened.</param>
/// <param name="expected">What was expected, in words.</param>
public sealed class BadRowException(string file, long lineNumber, string? column, string found, string expected) : Exception(
    $"{file}{(lineNumber > 0 ? $", line {lineNumber:N0}" : "")}{(column is null ? "" : $", column '{column}'")}: " +
    $"found '{found}', expected {expected}. " +
    "Correct the row, or read on with --on-bad-row skip, null or quarantine:FILE.")
{
    public string File { get; } = file;

    public long LineNumber { get; } = lineNumber;

    public string? Column { get; } = column;

    public string Found { get; } = found;

    public string Expected { get; } = expected;
}

/// <summary>A data file can't be read at all: missing, truncated, of another format, or without rows.</summary>
/// <param name="file">The file or pattern as the user named it.</param>
/// <param name="problem">What is wrong with it and what to do, as a sentence without the file's name.</param>
public sealed class UnreadableDataException(string file, string problem, Exception? cause = null)
    : Exception($"{file}: {problem}", cause)
{
    public string File { get; } = file;
}
