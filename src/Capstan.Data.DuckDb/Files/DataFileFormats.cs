namespace Capstan.Data.DuckDb;

/// <summary>What the extensions of data files mean.</summary>
static class DataFileFormats
{
    /// <summary>In words.</summary>
    public const string Extensions =
        ".csv, .tsv, .txt, .parquet, .pq, .jsonl, .ndjson, .json, .arrow, .feather or .arrows (text also .gz or .zst)";

    /// <summary>The format that a file's name tells; null where it tells none.</summary>
    public static FileFormat? Of(string path) => Path.GetExtension(WithoutCompression(path)).ToLowerInvariant() switch
    {
        ".csv" or ".tsv" or ".txt" => FileFormat.Csv,
        ".parquet" or ".pq" => FileFormat.Parquet,
        ".jsonl" or ".ndjson" or ".json" => FileFormat.JsonLines,
        ".arrow" or ".feather" or ".arrows" => FileFormat.Arrow,
        _ => null,
    };

    /// <summary>The name without .gz or .zst at its end.</summary>
    public static string WithoutCompression(string path) =>
        path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3]
        : path.EndsWith(".zst", StringComparison.OrdinalIgnoreCase) ? path[..^4]
        : path;

    public static UnreadableDataException Unknown(string path) => new(path,
        $"its extension '{Path.GetExtension(WithoutCompression(path))}' tells no format; it may be {Extensions}. " +
        "Rename it, or set the format.");
}
