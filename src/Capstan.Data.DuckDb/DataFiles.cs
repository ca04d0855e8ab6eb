using System.Collections.Immutable;
using System.Diagnostics;

namespace Capstan.Data.DuckDb;

/// <summary>Opens data files.</summary>
public static class DataFiles
{
    const int MinSampleRowsPerFile = 1000;

    /// <summary>Opens files of one or several formats as one data set, finding columns and types.</summary>
    /// <param name="pathsOrPatterns">
    /// Files in reading order; <c>*</c> and <c>?</c> stand for any part of a name, <c>**</c> for any folders; a folder stands for
    /// all data files in it. What one pattern or folder gives is sorted by path, byte by byte.
    /// </param>
    /// <param name="options">How to read them.</param>
    /// <param name="cancellationToken">Checked once per file and while sampling.</param>
    /// <returns>
    /// A source with the columns of the first file (<see cref="ReadOptions.UniteColumns"/>: of all), and of folders called
    /// <c>column=value</c>. Columns are matched by name; a column whose sampled cells are all
    /// missing takes its type from the other files (text where none has one); integers in one file and other numbers in
    /// another make numbers.
    /// </returns>
    /// <exception cref="UnreadableDataException">
    /// A file is missing, damaged, of another format or columns than the others, or no file has rows.
    /// </exception>
    /// <exception cref="UnknownColumnException"><see cref="ReadOptions.Types"/> names a column that is not there.</exception>
    public static async Task<FileSource> OpenAsync(
        IReadOnlyList<string> pathsOrPatterns, ReadOptions options, CancellationToken cancellationToken)
    {
        options.Validate();
        // Sampling is mostly arithmetic and may take a second: not on a user interface's thread.
        return await Task.Run(() => Open(pathsOrPatterns, options, cancellationToken), cancellationToken);
    }

    static FileSource Open(IReadOnlyList<string> pathsOrPatterns, ReadOptions options, CancellationToken cancellationToken)
    {
        var paths = FilePatterns.Resolve(pathsOrPatterns, options.Format, options.Folder);
        var sampleRows = Math.Max(MinSampleRowsPerFile, options.SampleRows / paths.Count);
        var files = ImmutableArray.CreateBuilder<DataFile>(paths.Count);
        foreach (var path in paths)
        {
            cancellationToken.ThrowIfCancellationRequested();
            files.Add(Open(path, options, sampleRows, cancellationToken));
        }

        var placed = PlacedFile.Of(files, options);
        var schema = FileSchemas.Unite(placed, options);
        return files.Any(file => file.HasRows)
            ? new FileSource(placed, schema, options)
            : throw new UnreadableDataException(
                string.Join(", ", pathsOrPatterns), "there are columns but no rows; data needs at least one row.");
    }

    static DataFile Open(DataFilePath path, ReadOptions options, int sampleRows, CancellationToken cancellationToken) =>
        path.Format switch
    {
        FileFormat.Csv => CsvFile.Open(path, options, sampleRows, cancellationToken),
        FileFormat.Parquet => ParquetFile.Open(path, options, cancellationToken),
        FileFormat.JsonLines => JsonLinesFile.Open(path, options, sampleRows, cancellationToken),
        FileFormat.Arrow => ArrowFile.Open(path, options, cancellationToken),
        _ => throw new UnreachableException(),
    };
}
