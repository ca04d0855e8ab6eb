using Capstan.Registry;

namespace Capstan.Service;

/// <summary>
/// Places that requests name: <c>gs://BUCKET/PATH</c> is <c>buckets/BUCKET/PATH</c> of the artifact store, anything else a folder
/// or file of this machine, which must lie in an allowed one.
/// </summary>
sealed class SourceFiles(Engine engine)
{
    const string BucketScheme = "gs://";
    const string FileScheme = "file://";

    /// <summary>The store's key of a bucket's place; null: the place is no bucket's.</summary>
    /// <exception cref="ServiceException">It can't be one.</exception>
    public static string? KeyOf(string uri)
    {
        if (!uri.StartsWith(BucketScheme, StringComparison.Ordinal))
        {
            return null;
        }

        var key = $"buckets/{uri[BucketScheme.Length..].TrimEnd('/')}";
        return StoreKey.IsValid(key) ? key : throw Wrong(uri, "it has empty parts, '..' or characters that no file's name has");
    }

    /// <summary>All files at and below a place.</summary>
    /// <exception cref="ServiceException">The place may not be read.</exception>
    public async Task<IReadOnlyList<FileToCopy>> ListAsync(string uri, CancellationToken cancellationToken)
    {
        if (KeyOf(uri) is not { } key)
        {
            return LocalFiles(LocalPathOf(uri), uri);
        }

        var files = new List<FileToCopy>();
        await foreach (var file in engine.Store.ListAsync(key + "/", cancellationToken))
        {
            files.Add(new FileToCopy(
                file.Key[(key.Length + 1)..], file.Length,
                async token =>
                    await engine.Store.OpenAsync(file.Key, token) ?? throw new FileNotFoundException($"{uri} lost {file.Key}.")));
        }

        return files;
    }

    /// <summary>A path of this machine.</summary>
    /// <exception cref="ServiceException">It is none, or in no folder that requests may name.</exception>
    public string LocalPathOf(string uri)
    {
        var path = uri.StartsWith(FileScheme, StringComparison.Ordinal) ? uri[FileScheme.Length..] : uri;
        if (!Path.IsPathFullyQualified(path) || path.Contains('\0'))
        {
            throw Wrong(uri, "expected gs://BUCKET/PATH, or the full path of something on the server");
        }

        var full = Path.GetFullPath(path);
        if (engine.Options.LocalFolders is { } folders && !folders.Any(folder => IsIn(full, Path.GetFullPath(folder))))
        {
            throw Wrong(uri, "requests may name no such path of the server; upload the files to a bucket, or start the server " +
                "with --allow-path");
        }

        return full;
    }

    static bool IsIn(string path, string folder) => path == folder ||
        path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    static IReadOnlyList<FileToCopy> LocalFiles(string folder, string uri)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var files = new List<FileToCopy>();
        var all = new EnumerationOptions { RecurseSubdirectories = false, AttributesToSkip = 0 };
        var open = new Stack<DirectoryInfo>([new DirectoryInfo(folder)]);
        while (open.TryPop(out var next))
        {
            foreach (var entry in next.EnumerateFileSystemInfos("*", all))
            {
                if (entry.LinkTarget is not null)
                {
                    // A link may lead anywhere, now or later; a copy must hold what was looked at.
                    throw Wrong(uri, $"'{Path.GetRelativePath(folder, entry.FullName)}' is a symbolic link, which is not " +
                        $"followed; put the file itself there");
                }

                if (entry is DirectoryInfo inner)
                {
                    open.Push(inner);
                }
                else if (entry is FileInfo file)
                {
                    files.Add(new FileToCopy(
                        Path.GetRelativePath(folder, file.FullName), file.Length, _ =>
                            Task.FromResult<Stream>(File.OpenRead(file.FullName))));
                }

                if (files.Count > ArtifactCopies.MostFiles)
                {
                    return files;
                }
            }
        }

        return files;
    }

    static ServiceException Wrong(string uri, string why) =>
        new(StatusCode.InvalidArgument, $"'{Quote.Short(uri)}' can't be used: {why}.");
}
