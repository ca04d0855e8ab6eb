using System.IO.Enumeration;

namespace Capstan.Data.DuckDb;

/// <summary>Turns what a person writes (<c>data/*.csv</c>, a path) into the files meant.</summary>
static class FilePatterns
{
    /// <summary>
    /// The files in the order given; those of one pattern sorted by name, byte by byte, so that every machine has the same
    /// order.
    /// </summary>
    /// <exception cref="UnreadableDataException">A path or pattern leads to no file, or to a folder.</exception>
    /// <exception cref="ArgumentException">Nothing was named.</exception>
    public static List<DataFilePath> Resolve(IReadOnlyList<string> pathsOrPatterns, FileFormat? format)
    {
        if (pathsOrPatterns.Count == 0)
        {
            throw new ArgumentException("No data file was named; name one or more files or patterns such as data/*.csv.",
                nameof(pathsOrPatterns));
        }

        return [.. pathsOrPatterns.SelectMany(Expand).Select(path => Describe(path, format))];
    }

    /// <summary>
    /// Names such as <c>a[1].csv</c> are taken literally; only * and ? in the last part are wild, and only where no such
    /// file exists.
    /// </summary>
    static IEnumerable<string> Expand(string pathOrPattern)
    {
        var lastPart = Path.GetFileName(pathOrPattern);
        if (File.Exists(pathOrPattern) || !lastPart.AsSpan().ContainsAny('*', '?'))
        {
            return [pathOrPattern];
        }

        var folder = Path.GetDirectoryName(pathOrPattern) ?? "";
        if (!Directory.Exists(folder.Length == 0 ? "." : folder))
        {
            throw new UnreadableDataException(pathOrPattern, $"there is no folder '{folder}'; check the path.");
        }

        string[] names =
        [
            .. Directory.EnumerateFiles(folder.Length == 0 ? "." : folder).Select(Path.GetFileName).OfType<string>()
                .Where(name => FileSystemName.MatchesSimpleExpression(lastPart, name, ignoreCase: false))
                .Order(StringComparer.Ordinal),
        ];
        return names.Length > 0
            ? names.Select(name => Path.Combine(folder, name))
            : throw new UnreadableDataException(pathOrPattern,
                "no file matches this pattern; check the folder and the extension.");
    }

    static DataFilePath Describe(string path, FileFormat? format)
    {
        if (Directory.Exists(path))
        {
            throw new UnreadableDataException(path,
                $"it is a folder; name the files in it with a pattern, such as {Path.Combine(path, "*.csv")}.");
        }

        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new UnreadableDataException(path, "there is no such file; check the path.");
        }

        return new DataFilePath(file.FullName, path, format ?? FormatOf(path), file.Length, file.LastWriteTimeUtc);
    }

    static FileFormat FormatOf(string path)
    {
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".csv" or ".tsv" or ".txt" => FileFormat.Csv,
            ".parquet" or ".pq" => FileFormat.Parquet,
            ".jsonl" or ".ndjson" or ".json" => FileFormat.JsonLines,
            ".arrow" or ".feather" or ".arrows" => FileFormat.Arrow,
            var other => throw new UnreadableDataException(path,
                $"its extension '{other}' tells no format; " +
                "it may be .csv, .tsv, .txt, .parquet, .pq, .jsonl, .ndjson, .json, .arrow, .feather or .arrows (text also .gz). " +
                "Rename it, or set the format."),
        };
    }
}
