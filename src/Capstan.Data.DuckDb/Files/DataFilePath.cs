using System.Security.Cryptography;

namespace Capstan.Data.DuckDb;

/// <summary>Where a data file is, what the user calls it, and what it was like when it was opened.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Name">As the user wrote it (with a pattern: its folder and the file's name).</param>
sealed record DataFilePath(string Path, string Name, FileFormat Format, long Length, DateTime ModifiedUtc)
{
    const int EndBytes = 64 << 10;

    /// <exception cref="UnreadableDataException">
    /// The file is not what it was: its columns and sizes may no longer hold.
    /// </exception>
    public void CheckUnchanged()
    {
        var now = new FileInfo(Path);
        if (!now.Exists)
        {
            throw new UnreadableDataException(Name, "it has been removed since it was opened; open the data again.");
        }

        if (now.Length != Length || now.LastWriteTimeUtc != ModifiedUtc)
        {
            throw new UnreadableDataException(Name, "it has been changed since it was opened; open the data again.");
        }
    }

    /// <summary>Adds name, size, time of change and both ends of the content.</summary>
    public void AddTo(IncrementalHash hash)
    {
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{Name}\n{Length}\n{ModifiedUtc.Ticks}\n"));
        using var stream = File.OpenRead(Path);
        var bytes = new byte[EndBytes];
        hash.AppendData(bytes.AsSpan(0, stream.ReadAtLeast(bytes, EndBytes, throwOnEndOfStream: false)));
        stream.Position = Math.Max(0, stream.Length - EndBytes);
        hash.AppendData(bytes.AsSpan(0, stream.ReadAtLeast(bytes, EndBytes, throwOnEndOfStream: false)));
    }
}
