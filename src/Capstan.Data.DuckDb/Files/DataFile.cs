namespace Capstan.Data.DuckDb;

/// <summary>A column found in a file; no type where the sample holds only missing values.</summary>
readonly record struct FoundColumn(string Name, DataType? Type);

/// <summary>Some consecutive rows of a file, read by itself.</summary>
/// <param name="FirstRow">0-based.</param>
/// <param name="RowCount">Null: to the end, and only reading tells how many.</param>
readonly record struct FilePart(long FirstRow, long? RowCount)
{
    /// <summary>Text files: where the part's first record starts; 0 where it is the file's beginning.</summary>
    public long FirstByte { get; init; }

    /// <summary>Text files: where the next part's first record starts; null at the file's end.</summary>
    public long? EndByte { get; init; }
}

/// <summary>A data file that has been looked into: its columns are known.</summary>
abstract class DataFile(DataFilePath path)
{
    public DataFilePath Path => path;

    /// <summary>In the file's order.</summary>
    public abstract IReadOnlyList<FoundColumn> Columns { get; }

    public abstract IReadOnlyList<FilePart> Parts { get; }

    /// <summary>Whether it holds any row (good or bad).</summary>
    public abstract bool HasRows { get; }

    /// <summary>Starts reading a part.</summary>
    /// <param name="part">One of <see cref="Parts"/>.</param>
    /// <param name="schema">All columns of the data set with their final types, by which rows are good or bad.</param>
    /// <param name="wanted">The columns to read.</param>
    /// <param name="tally">Takes the bad rows.</param>
    public abstract RowScan Scan(FilePart part, Schema schema, Schema wanted, BadRowTally tally);
}
