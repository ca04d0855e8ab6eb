using System.IO.Enumeration;

namespace Capstan.Data.DuckDb;

/// <summary>Turns what a person writes (<c>data/*.csv</c>, a path, a folder) into the files meant.</summary>
static class FilePatterns
{
    const string AnyFolders = "**";

    /// <summary>
    /// The files in the order given; those of one pattern or folder sorted by their paths, byte by byte, so that every machine
    /// has the same order.
    /// </summary>
    /// <param name="folder">Where names begin that are no full paths; null: where we are.</param>
    /// <exception cref="UnreadableDataException">A path or pattern leads to no file.</exception>
    /// <exception cref="ArgumentException">Nothing was named.</exception>
    public static List<DataFilePath> Resolve(IReadOnlyList<string> pathsOrPatterns, FileFormat? format, string? folder = null)
    {
        if (pathsOrPatterns.Count == 0)
        {
            throw new ArgumentException("No data file was named; name one or more files, folders or patterns such as data/*.csv.",
                nameof(pathsOrPatterns));
        }

        var root = folder is null || Path.EndsInDirectorySeparator(folder) ? folder ?? "" : $"{folder}{Path.DirectorySeparatorChar}";
        return [.. pathsOrPatterns.SelectMany(written => Path.IsPathRooted(written)
            ? Expand(written, format).Select(path => Describe(path, path, format))
            : Expand($"{root}{written}", format).Select(path => Describe(path, path[root.Length..], format)))];
    }

    /// <summary>
    /// Names such as <c>a[1].csv</c> are taken literally; only * and ? are wild, ** for any number of folders, and only where no
    /// such file exists.
    /// </summary>
    static IEnumerable<string> Expand(string pathOrPattern, FileFormat? format)
    {
        if (File.Exists(pathOrPattern))
        {
            return [pathOrPattern];
        }

        if (Directory.Exists(pathOrPattern))
        {
            var files = Sorted(FilesBelow(pathOrPattern, format));
            return files.Count > 0 ? files : throw new UnreadableDataException(pathOrPattern,
                "there is no data file in this folder or those below; " +
                $"a data file's name ends with {DataFileFormats.Extensions}.");
        }

        var parts = pathOrPattern.Split('/', Path.DirectorySeparatorChar);
        var firstWild = Array.FindIndex(parts, IsWild);
        if (firstWild < 0)
        {
            return [pathOrPattern];
        }

        var folder = string.Join(Path.DirectorySeparatorChar, parts[..firstWild]);
        folder = folder.Length == 0 && firstWild > 0 ? $"{Path.DirectorySeparatorChar}" : folder;
        if (!Directory.Exists(Existing(folder)))
        {
            throw new UnreadableDataException(pathOrPattern, $"there is no folder '{folder}'; check the path.");
        }

        var found = Sorted(Below(folder, parts.AsMemory(firstWild), format));
        return found.Count > 0
            ? found
            : throw new UnreadableDataException(pathOrPattern,
                "no file matches this pattern; check the folder and the extension.");
    }

    /// <summary>The folder of names that stand alone is the one we are in.</summary>
    static string Existing(string folder) => folder.Length == 0 ? "." : folder;

    static bool IsWild(string part) => part.AsSpan().ContainsAny('*', '?');

    static List<string> Sorted(IEnumerable<string> paths) =>
        [.. paths.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>
    /// What the rest of a pattern means in a folder. A folder that the whole pattern leads to stands for the files in it.
    /// </summary>
    static IEnumerable<string> Below(string folder, ReadOnlyMemory<string> parts, FileFormat? format)
    {
        var (part, rest) = (parts.Span[0], parts[1..]);
        if (part == AnyFolders)
        {
            return rest.IsEmpty
                ? FilesBelow(folder, format)
                : Below(folder, rest, format).Concat(Folders(folder).SelectMany(inner => Below(inner, parts, format)));
        }

        string[] matching = IsWild(part)
            ? [.. Names(folder).Where(name => IsMatch(name, part))]
            : [part];
        var paths = matching.Select(name => Path.Combine(folder, name));
        return rest.IsEmpty
            ? paths.SelectMany(path => File.Exists(path) ? [path] : Directory.Exists(path) ? FilesBelow(path, format) : [])
            : paths.Where(Directory.Exists).SelectMany(path => Below(path, rest, format));
    }

    /// <summary>
    /// Files that tell their format, at any depth; what others write beside data (<c>_SUCCESS</c>, <c>.crc</c>) tells none.
    /// </summary>
    static IEnumerable<string> FilesBelow(string folder, FileFormat? format) =>
        Directory.EnumerateFiles(Existing(folder)).Select(path => Path.Combine(folder, Path.GetFileName(path)))
            .Where(path => !IsHidden(path) && (format is not null || DataFileFormats.Of(path) is not null))
            .Concat(Folders(folder).SelectMany(inner => FilesBelow(inner, format)));

    /// <summary>Links are not followed: they may lead back up.</summary>
    static IEnumerable<string> Folders(string folder) => Directory.EnumerateDirectories(Existing(folder))
        .Where(path => !IsHidden(path) && !File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint))
        .Select(path => Path.Combine(folder, Path.GetFileName(path)));

    static IEnumerable<string> Names(string folder) =>
        Directory.EnumerateFileSystemEntries(Existing(folder)).Select(path => Path.GetFileName(path));

    /// <summary>As in a shell, what is wild does not stand for a dot at the beginning.</summary>
    static bool IsMatch(string name, string pattern) => (name[0] != '.' || pattern[0] == '.') &&
        FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);

    static bool IsHidden(string path) => Path.GetFileName(path.AsSpan()) is ['.' or '_', ..];

    /// <param name="name">As the user would write it.</param>
    static DataFilePath Describe(string path, string name, FileFormat? format)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new UnreadableDataException(path, "there is no such file; check the path.");
        }

        return new DataFilePath(
            file.FullName, name, format ?? DataFileFormats.Of(path) ?? throw DataFileFormats.Unknown(path), file.Length,
            file.LastWriteTimeUtc);
    }
}
