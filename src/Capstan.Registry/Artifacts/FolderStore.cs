using System.Runtime.CompilerServices;

namespace Capstan.Registry;

/// <summary>Files in a folder. Written aside, flushed to the disk and renamed.</summary>
public sealed class FolderStore : IArtifactStore
{
    // Begins with a character that no listing shows, so that what was being written when the power went is never a file.
    const string Aside = ".writing";

    readonly string _root;

    public FolderStore(string root)
    {
        _root = Path.GetFullPath(root);
        Directory.CreateDirectory(Path.Combine(_root, Aside));
    }

    public string Place => _root;

    public async Task<long> WriteAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        var aside = Path.Combine(_root, Aside, Guid.NewGuid().ToString("N"));
        try
        {
            long length;
            await using (var file =
                new FileStream(aside, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous))
            {
                await content.CopyToAsync(file, cancellationToken);
                file.Flush(flushToDisk: true);
                length = file.Length;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(path)!); // below the root
            File.Move(aside, path, overwrite: true);
            return length;
        }
        finally
        {
            File.Delete(aside);
        }
    }

    public Task<Stream?> OpenAsync(string key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        return Task.FromResult<Stream?>(File.Exists(path)
            ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16,
                FileOptions.Asynchronous)
            : null);
    }

    public async IAsyncEnumerable<StoredFile> ListAsync(string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The folder that the prefix surely lies in; the rest of it is compared.
        var folder = Path.Combine(_root, prefix.LastIndexOf('/') is var slash and >= 0 ? StoreKey.Check(prefix[..slash]) : "");
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        await Task.CompletedTask; // the file system only has listings that block
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        var keys = new DirectoryInfo(folder).EnumerateFiles("*", options)
            .Select(file => new StoredFile(Path.GetRelativePath(_root, file.FullName), file.Length))
            .Where(file =>
                file.Key.StartsWith(prefix, StringComparison.Ordinal) && !file.Key.StartsWith(Aside, StringComparison.Ordinal))
            .OrderBy(file => file.Key, StringComparer.Ordinal);
        foreach (var file in keys)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return file;
        }
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        File.Delete(PathOf(key));
        return Task.CompletedTask;
    }

    public string LocalPath(string key) => PathOf(key);

    string PathOf(string key) => Path.Combine(_root, StoreKey.Check(key));
}
