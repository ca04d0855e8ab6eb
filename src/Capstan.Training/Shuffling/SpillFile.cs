using Capstan.Data;

namespace Capstan.Training;

/// <summary>
/// One temporary file of blocks that no process leaves behind: it is gone with its handle, however the process ends.
/// </summary>
sealed class SpillFile(string folder, FileStream file) : IDisposable
{
    public long Length { get; private set; }

    public static SpillFile Create(string? folder)
    {
        folder = Path.GetFullPath(folder ?? Path.GetTempPath());
        try
        {
            return new SpillFile(folder, TemporaryFile.Create(folder, "capstan-rows"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SpillFailedException(folder, 0, 0, e);
        }
    }

    /// <returns>Where the bytes begin.</returns>
    public long Append(ReadOnlySpan<byte> bytes)
    {
        var offset = Length;
        try
        {
            RandomAccess.Write(file.SafeFileHandle, bytes, offset);
        }
        catch (IOException e)
        {
            throw new SpillFailedException(folder, bytes.Length, Length, e);
        }

        Length += bytes.Length;
        return offset;
    }

    public void Read(long offset, Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var count = RandomAccess.Read(file.SafeFileHandle, bytes, offset);
            if (count == 0)
            {
                throw new EndOfStreamException(
                    $"The spill file in {folder} ends at byte {offset:N0} of {Length:N0} written: " +
                    "something truncated it. Run again.");
            }

            offset += count;
            bytes = bytes[count..];
        }
    }

    public void Dispose() => file.Dispose();
}

/// <summary>Training rows beyond the memory budget could not be written to the spill folder.</summary>
public sealed class SpillFailedException(string folder, long neededBytes, long spilledBytes, Exception inner) : Exception(
    (neededBytes == 0
        ? $"No spill file could be made in {folder}: {inner.Message} "
        : $"{neededBytes:N0} more bytes of training rows could not be written to the spill file in {folder}, " +
          $"after {spilledBytes:N0}: {inner.Message} ") +
    $"Make room there, or name another folder with {nameof(FeatureStoreOptions)}.{nameof(FeatureStoreOptions.SpillFolder)}, " +
    $"or keep more rows in memory with {nameof(FeatureStoreOptions)}.{nameof(FeatureStoreOptions.MemoryBytes)}.",
    inner)
{
    public string Folder { get; } = folder;

    /// <summary>What the next block needs; 0 if not even the file could be made.</summary>
    public long NeededBytes { get; } = neededBytes;

    public long SpilledBytes { get; } = spilledBytes;
}
