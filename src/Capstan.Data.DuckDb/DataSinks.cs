using Capstan.Data.Arrow;

namespace Capstan.Data.DuckDb;

/// <summary>Writes data files of every format: the one place that knows which extension means which sink.</summary>
public static class DataSinks
{
    /// <summary>The extensions that can be written, in words.</summary>
    public const string Extensions = ".csv, .tsv, .jsonl, .ndjson, .parquet, .pq, .arrow or .feather";

    /// <summary>Whether the file's extension tells a format that can be written.</summary>
    public static bool CanWrite(string path) => WriterOf(path) is not null;

    /// <summary>Creates a file: CSV, tab-separated values, JSON lines, Parquet or Arrow IPC, by its extension.</summary>
    /// <param name="path">Where the file will be.</param>
    /// <param name="schema">The columns of every batch.</param>
    /// <param name="narrow">
    /// Columns whose numbers all are single-precision ones or integers of 32 bits: they are stored as such, and written to text
    /// files as the shortest text that reads back as the same single-precision float. Null for none.
    /// </param>
    /// <exception cref="ArgumentException">The extension tells no format that can be written.</exception>
    /// <exception cref="UnwritableFileException">The file can't be created.</exception>
    public static IBatchSink Create(string path, Schema schema, IReadOnlySet<string>? narrow = null) =>
        (WriterOf(path) ?? throw new ArgumentException(
            $"'{path}' can't be written: its extension tells no format; expected {Extensions}.", nameof(path)))(
                path, schema, narrow);

    /// <summary>
    /// Creates files of a number of rows each, numbered through: <c>features.parquet</c> becomes
    /// <c>features-00000.parquet</c>, <c>features-00001.parquet</c> and so on. A file appears whole when it is full; all are
    /// removed again where the sink is disposed of before it was completed.
    /// </summary>
    /// <param name="rowsPerFile">1 or more; the last file may have fewer.</param>
    /// <exception cref="ArgumentException">The extension tells no format that can be written.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There would be no row in a file.</exception>
    public static IBatchSink CreateShards(string path, Schema schema, long rowsPerFile, IReadOnlySet<string>? narrow = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsPerFile, 1);
        return CanWrite(path)
            ? new ShardedSink(path, schema, rowsPerFile, shard => Create(shard, schema, narrow))
            : Create(path, schema, narrow); // which says what is wrong
    }

    /// <summary>The files that <see cref="CreateShards"/> has made of a path before, sorted by number.</summary>
    public static IReadOnlyList<string> Shards(string path)
    {
        var folder = Path.GetDirectoryName(path) is { Length: > 0 } named ? named : ".";
        var (stem, extension) = ($"{Path.GetFileNameWithoutExtension(path)}-", Path.GetExtension(path));
        return !Directory.Exists(folder) ? [] :
        [
            .. Directory.EnumerateFiles(folder, $"{stem}*{extension}")
                .Where(file => Path.GetFileNameWithoutExtension(file)[stem.Length..] is { Length: >= 5 } number &&
                    number.All(char.IsAsciiDigit))
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>How each format is written; null where an extension tells none.</summary>
    static Func<string, Schema, IReadOnlySet<string>?, IBatchSink>? WriterOf(string path) =>
        Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".csv" => (target, schema, narrow) => new CsvWriter(target, schema, ',', narrow),
            ".tsv" => (target, schema, narrow) => new CsvWriter(target, schema, '\t', narrow),
            ".jsonl" or ".ndjson" => (target, schema, narrow) => new JsonLinesWriter(target, schema, narrow),
            ".parquet" or ".pq" => (target, schema, narrow) => new ParquetWriter(target, schema, narrow),
            ".arrow" or ".feather" => (target, schema, narrow) => new ArrowWriter(target, schema, narrow),
            _ => null,
        };
}
