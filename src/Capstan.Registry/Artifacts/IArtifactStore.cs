namespace Capstan.Registry;

/// <summary>A file in a store.</summary>
public readonly record struct StoredFile(string Key, long Length);

/// <summary>
/// Files under keys such as <c>artifacts/3f…/transform.cbor</c>. A file appears whole or not at all. Thread-safe, and shared by
/// servers.
/// </summary>
public interface IArtifactStore
{
    /// <summary>Where it is, as people may read it: without secrets.</summary>
    string Place { get; }

    /// <summary>Stores a file durably, replacing one of that key.</summary>
    /// <returns>How many bytes it has.</returns>
    /// <exception cref="ArgumentException">The key is none: see <see cref="StoreKey"/>.</exception>
    Task<long> WriteAsync(string key, Stream content, CancellationToken cancellationToken);

    /// <returns>The file from its beginning; null: there is none.</returns>
    Task<Stream?> OpenAsync(string key, CancellationToken cancellationToken);

    /// <summary>All files whose keys begin so, in the order of their keys.</summary>
    IAsyncEnumerable<StoredFile> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Removes a file, if there is one.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>The file or folder of this machine that holds a key's bytes; null where they are elsewhere.</summary>
    string? LocalPath(string key);
}
