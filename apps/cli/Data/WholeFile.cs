using Capstan.Data;

namespace Capstan.Cli;

/// <summary>A text file that a command writes: it appears whole or not at all, and replaces none unasked.</summary>
static class WholeFile
{
    /// <exception cref="UsageException">It exists and must not be replaced.</exception>
    public static void CheckFree(string path, bool overwrite)
    {
        if (Path.Exists(path) && !overwrite)
        {
            throw new UsageException($"'{path}' exists already. Choose another file with --out, or say --overwrite.");
        }
    }

    /// <summary>
    /// Where an editor finds the file's schema: the copy in the repository that it lies in, or the published name.
    /// </summary>
    public static string SchemaFrom(string path, string schemaFile)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!; // a file lies in some folder
        for (var above = folder; above is not null; above = Path.GetDirectoryName(above))
        {
            var schema = Path.Combine(above, "docs", schemaFile);
            if (File.Exists(schema))
            {
                return Path.GetRelativePath(folder, schema).Replace('\\', '/');
            }
        }

        return schemaFile;
    }

    /// <summary>The whole text or, if that fails, the file as it was.</summary>
    /// <exception cref="UnwritableFileException">The disk is full or the file may not be written.</exception>
    public static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        var aside = $"{path}.part";
        try
        {
            await File.WriteAllTextAsync(aside, text, cancellationToken);
            File.Move(aside, path, overwrite: true);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new UnwritableFileException(path, cause.Message, cause);
        }
        finally
        {
            if (File.Exists(aside))
            {
                File.Delete(aside);
            }
        }
    }
}
