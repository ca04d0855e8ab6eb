using System.Collections.Immutable;

namespace Capstan.Data.DuckDb;

/// <summary>What a data file is written in.</summary>
public enum FileFormat : byte
{
    /// <summary>Separated values with a header line: .csv, .tsv, .txt; also compressed (.csv.gz, .csv.zst).</summary>
    Csv = 1,

    /// <summary>Apache Parquet: .parquet, .pq.</summary>
    Parquet = 2,

    /// <summary>One JSON object per line: .jsonl, .ndjson, .json; also compressed (.jsonl.gz, .jsonl.zst).</summary>
    JsonLines = 3,

    /// <summary>Apache Arrow IPC, as file or stream: .arrow, .feather, .arrows.</summary>
    Arrow = 4,
}

/// <summary>How data files are read. Everything has a sensible default: <c>new ReadOptions()</c> reads most files.</summary>
public sealed record ReadOptions
{
    /// <summary>The format of all files; null: told by each file's extension.</summary>
    public FileFormat? Format { get; init; }

    /// <summary>
    /// Where names of files begin that are no full paths, for a process that reads in another folder than they were written in; null: the folder
    /// that it is in. What the files are called does not change.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>Types of columns by name, instead of those found in the sample.</summary>
    public ImmutableDictionary<string, DataType> Types { get; init; } = ImmutableDictionary<string, DataType>.Empty;

    /// <summary>
    /// Between the fields of a CSV file; null: the one of comma, tab, semicolon and bar that the header line holds most of.
    /// </summary>
    public char? Delimiter { get; init; }

    /// <summary>Around CSV fields that hold a delimiter, a line break or a quote (doubled within).</summary>
    public char Quote { get; init; } = '"';

    /// <summary>The names of the columns, for CSV files that have no header line; empty: the first line holds them.</summary>
    public ImmutableArray<string> ColumnNames { get; init; } = [];

    /// <summary>
    /// Texts that mean "missing" in any column of a text file, besides the empty CSV field and JSON's null. In columns other
    /// than text, <c>NA</c>, <c>N/A</c>, <c>null</c>, <c>none</c>, <c>nan</c> and <c>?</c> (in any case) are missing anyway.
    /// </summary>
    public ImmutableArray<string> MissingTexts { get; init; } = [];

    /// <summary>
    /// The form of timestamps in text files as a .NET format (such as <c>MM/dd/yyyy hh:mm:ss tt</c>), read in the invariant
    /// culture; null: ISO 8601 (<see cref="TimestampText"/>).
    /// </summary>
    public string? TimestampFormat { get; init; }

    /// <summary>
    /// Whether folders called <c>column=value</c> (as named, or found below) give all rows of the files in them a column of that
    /// name; it comes after the files' own, which go before it where they have the same name.
    /// </summary>
    public bool Partitions { get; init; } = true;

    /// <summary>
    /// Whether files may lack columns that others have: their rows then have missing values there. Otherwise all must have the
    /// same.
    /// </summary>
    public bool UniteColumns { get; init; }

    /// <summary>What happens to a row that can't be read as the schema says.</summary>
    public BadRowPolicy OnBadRow { get; init; } = BadRowPolicy.Fail;

    /// <summary>
    /// Rows of text files looked at for finding the columns' types, shared among the files (but at least 1,000 of each).
    /// Rows further on that do not fit are bad rows: nothing is rounded or silently dropped.
    /// </summary>
    public int SampleRows { get; init; } = 100_000;

    /// <summary>Memory that one reading of a Parquet file may take, besides the batch: row groups need some.</summary>
    public long ParquetMemoryBytes { get; init; } = 384L << 20;

    /// <summary>About how many bytes of a text file make a split, which another thread can read.</summary>
    internal long TextPartBytes { get; init; } = 32L << 20;

    /// <summary>Whether CSV records are cut many at a time where that is possible; false: by the reference alone.</summary>
    internal bool ReadsBlocks { get; init; } = true;

    public bool Equals(ReadOptions? other) => other is not null &&
        Format == other.Format && Delimiter == other.Delimiter && Quote == other.Quote &&
        TimestampFormat == other.TimestampFormat && OnBadRow == other.OnBadRow &&
        SampleRows == other.SampleRows && ParquetMemoryBytes == other.ParquetMemoryBytes &&
        Partitions == other.Partitions && UniteColumns == other.UniteColumns &&
        Types.Count == other.Types.Count && Types.All(other.Types.Contains) &&
        ColumnNames.SequenceEqual(other.ColumnNames) && MissingTexts.SequenceEqual(other.MissingTexts);

    public override int GetHashCode() =>
        HashCode.Combine(Format, Delimiter, Quote, TimestampFormat, OnBadRow, SampleRows, Types.Count);

    /// <exception cref="ArgumentException">All mistakes in the options, one per line.</exception>
    internal void Validate()
    {
        string[] mistakes =
        [
            .. SampleRows < 1 ? [$"SampleRows is {SampleRows}; it must be 1 or more."] : Array.Empty<string>(),
            .. ParquetMemoryBytes < 64L << 20
                ? [$"ParquetMemoryBytes is {ParquetMemoryBytes:N0}; row groups need {64L << 20:N0} or more."]
                    : Array.Empty<string>(),
            .. Quote is '\n' or '\r' or > '\x7f' ? ["Quote must be an ASCII character other than a line break."]
                : Array.Empty<string>(),
            .. Delimiter is '\n' or '\r' or > '\x7f'
                ? ["Delimiter must be an ASCII character other than a line break."] : Array.Empty<string>(),
            .. Delimiter == Quote ? [$"Delimiter and Quote are both '{Quote}'; they must differ."] : Array.Empty<string>(),
        ];
        if (mistakes.Length > 0)
        {
            throw new ArgumentException(string.Join('\n', mistakes));
        }
    }
}
