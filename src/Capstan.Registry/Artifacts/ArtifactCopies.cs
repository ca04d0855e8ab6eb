using System.Security.Cryptography;
using System.Text;
using Capstan.Data;

namespace Capstan.Registry;

/// <summary>A file to be copied: its path inside the copy, and its bytes.</summary>
public readonly record struct FileToCopy(string Path, long Length, Func<CancellationToken, Task<Stream>> OpenAsync);

/// <summary>
/// Immutable copies, named by what is in them: <c>artifacts/HASH/PATH</c>, where HASH is the SHA-256 of the list
/// <c>artifacts/HASH/.files</c>, which holds a line <c>SHA256  PATH</c> for each file. The list is written last, so a copy that
/// has one is whole; nothing is ever overwritten by other bytes.
/// </summary>
public sealed class ArtifactCopies(IArtifactStore store)
{
    /// <summary>What CMLE's deployments were limited to.</summary>
    public const int MostFiles = 1000;

    const string ListName = ".files";

    public IArtifactStore Store => store;

    /// <summary>Copies some files; copying the same again costs reading and hashing alone.</summary>
    /// <param name="claim">Keeps the copy, whose files may be there already, from being collected:
    /// <see cref="ArtifactTable.ClaimAsync"/>.</param>
    /// <returns>What the registry keeps of the copy.</returns>
    /// <exception cref="ArtifactRefusedException">There is no file, there are too many or too large ones, or a path leads
    /// elsewhere.</exception>
    public async Task<ArtifactRecord> CopyAsync(
        IReadOnlyList<FileToCopy> files, long mostBytes, DateTimeOffset now, Func<ArtifactRecord, Task> claim,
        CancellationToken cancellationToken)
    {
        Check(files, mostBytes);
        var ordered = files.OrderBy(file => file.Path, StringComparer.Ordinal).ToArray();
        var lines = new StringBuilder();
        foreach (var file in ordered)
        {
            await using var content = await file.OpenAsync(cancellationToken);
            lines.Append($"{Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken))}  {file.Path}\n");
        }

        var list = Encoding.UTF8.GetBytes(lines.ToString());
        var hash = ContentHash.Of(list).ToString();
        await claim(new ArtifactRecord(hash, ordered.Length, ordered.Sum(file => file.Length), now, null, null));
        if (await ReadListAsync(hash, cancellationToken) is null)
        {
            foreach (var file in ordered)
            {
                await using var content = await file.OpenAsync(cancellationToken);
                await store.WriteAsync(KeyOf(hash, file.Path), content, cancellationToken);
            }

            await store.WriteAsync(KeyOf(hash, ListName), new MemoryStream(list), cancellationToken);
        }

        // Files may have changed between the two readings, or a disk may lie: what counts is what can be read back.
        return await FindDamageAsync(hash, cancellationToken) is { } damage
            ? throw new ArtifactRefusedException($"the copy does not hold what was read a moment before: {damage}")
            : new ArtifactRecord(hash, ordered.Length, ordered.Sum(file => file.Length), now, now, null);
    }

    /// <summary>Writes a copy into a folder of this machine, hashing every file on the way.</summary>
    /// <exception cref="DamagedArtifactException">A file is missing or has other bytes.</exception>
    public async Task MaterializeAsync(string hash, string folder, CancellationToken cancellationToken)
    {
        foreach (var (expected, path) in await ReadListAsync(hash, cancellationToken) ??
            throw new DamagedArtifactException(hash, "its list of files is missing"))
        {
            await using var content = await store.OpenAsync(KeyOf(hash, path), cancellationToken) ??
                throw new DamagedArtifactException(hash, $"{path} is missing");
            var target = Path.Combine(folder, StoreKey.Check(path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!); // below the folder
            await using var file =
                new FileStream(target, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.Asynchronous);
            await content.CopyToAsync(file, cancellationToken);
            file.Position = 0;
            if (Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken)) != expected)
            {
                throw new DamagedArtifactException(hash, $"{path} does not have the SHA-256 {expected} that it was stored with");
            }
        }
    }

    /// <summary>Reads all of a copy and says what is wrong with it; null: nothing.</summary>
    public async Task<string?> FindDamageAsync(string hash, CancellationToken cancellationToken)
    {
        if (await ReadListAsync(hash, cancellationToken) is not { } files)
        {
            return "its list of files is missing";
        }

        foreach (var (expected, path) in files)
        {
            await using var content = await store.OpenAsync(KeyOf(hash, path), cancellationToken);
            if (content is null)
            {
                return $"{path} is missing";
            }

            if (Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken)) != expected)
            {
                return $"{path} does not have the SHA-256 {expected} that it was stored with";
            }
        }

        return null;
    }

    /// <summary>Removes a copy: first its list, so that what is left by a crash is no copy any more.</summary>
    public async Task DeleteAsync(string hash, CancellationToken cancellationToken)
    {
        await store.DeleteAsync(KeyOf(hash, ListName), cancellationToken);
        var keys = new List<string>();
        await foreach (var file in store.ListAsync(KeyOf(hash, ""), cancellationToken))
        {
            keys.Add(file.Key);
        }

        foreach (var key in keys)
        {
            await store.DeleteAsync(key, cancellationToken);
        }
    }

    async Task<List<(string Hash, string Path)>?> ReadListAsync(string hash, CancellationToken cancellationToken)
    {
        await using var stream = await store.OpenAsync(KeyOf(hash, ListName), cancellationToken);
        if (stream is null)
        {
            return null;
        }

        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, cancellationToken);
        return ContentHash.Of(bytes.ToArray()).ToString() == hash
            ? [.. Encoding.UTF8.GetString(bytes.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => (line[..64], line[66..]))]
            : throw new DamagedArtifactException(hash, "its list of files does not have the hash that names it");
    }

    static void Check(IReadOnlyList<FileToCopy> files, long mostBytes)
    {
        if (files.Count is 0 or > MostFiles)
        {
            throw new ArtifactRefusedException($"there are {files.Count:N0} files; expected 1 to {MostFiles:N0}");
        }

        if (files.Sum(file => file.Length) is var bytes && bytes > mostBytes)
        {
            throw new ArtifactRefusedException($"the files have {bytes:N0} bytes; a version takes at most {mostBytes:N0}");
        }

        if (files.FirstOrDefault(file => !StoreKey.IsValid(file.Path) || file.Path == ListName) is { Path: { } wrong })
        {
            throw new ArtifactRefusedException($"'{wrong}' can't be the path of a file in a version");
        }
    }

    static string KeyOf(string hash, string path) => $"artifacts/{hash}/{path}";
}

/// <summary>Files that can't become a version.</summary>
public sealed class ArtifactRefusedException(string reason) : Exception($"The files can't be taken: {reason}.");

/// <summary>A stored copy is not what it was.</summary>
public sealed class DamagedArtifactException(string hash, string damage) : Exception(
    $"The stored artifact {hash[..12]} is damaged: {damage}. Restore it from a backup, or create the version anew.")
{
    public string Hash { get; } = hash;
}
