using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Capstan.Data;

/// <summary>
/// Texts with counts in a temporary file, in the order of their hashes: written once, then read any number of times, also at the
/// same time. The file goes with its last user.
/// </summary>
sealed class CountRun
{
    const int HeadBytes = 20;
    const int BufferBytes = 1 << 18;

    readonly FileStream _file;

    CountRun(FileStream file, long length, long count) => (_file, Length, Count) = (file, length, count);

    public long Length { get; }

    /// <summary>How many entries there are; equal texts of different tables count each.</summary>
    public long Count { get; }

    /// <param name="entries">In the order of their hashes.</param>
    /// <exception cref="UnwritableFileException">The temporary folder is full or may not be written.</exception>
    public static CountRun Write(IEnumerable<CountEntry> entries, string? folder)
    {
        var name = Path.GetFullPath(folder ?? Path.GetTempPath());
        try
        {
            var file = TemporaryFile.Create(folder, "capstan-counts");
            var buffer = new byte[BufferBytes];
            var (filled, length, count) = (0, 0L, 0L);
            foreach (var entry in entries)
            {
                if (buffer.Length - filled < HeadBytes + entry.Utf8.Length)
                {
                    RandomAccess.Write(file.SafeFileHandle, buffer.AsSpan(0, filled), length);
                    length += filled;
                    filled = 0;
                    buffer = buffer.Length >= HeadBytes + entry.Utf8.Length ? buffer : new byte[HeadBytes + entry.Utf8.Length];
                }

                var head = buffer.AsSpan(filled);
                BinaryPrimitives.WriteUInt64LittleEndian(head, entry.Hash);
                BinaryPrimitives.WriteInt64LittleEndian(head[8..], entry.Count);
                BinaryPrimitives.WriteInt32LittleEndian(head[16..], entry.Utf8.Length);
                entry.Utf8.Span.CopyTo(head[HeadBytes..]);
                filled += HeadBytes + entry.Utf8.Length;
                count++;
            }

            RandomAccess.Write(file.SafeFileHandle, buffer.AsSpan(0, filled), length);
            return new CountRun(file, length + filled, count);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new UnwritableFileException(
                name, $"counts of texts do not fit there: {cause.Message.TrimEnd('.')}; TMPDIR names another folder", cause);
        }
    }

    /// <summary>The entries in order; each one's text is valid until the next is asked for.</summary>
    public IEnumerable<CountEntry> Read()
    {
        var buffer = new byte[BufferBytes];
        var (start, end, position) = (0, 0, 0L);
        while (start < end || position < Length)
        {
            if (end - start < HeadBytes || end - start < HeadBytes + LengthAt(buffer, start))
            {
                var needed = end - start < HeadBytes ? HeadBytes : HeadBytes + LengthAt(buffer, start);
                var kept = buffer.AsSpan(start, end - start);
                var target = needed > buffer.Length ? new byte[needed] : buffer;
                kept.CopyTo(target);
                (buffer, start, end) = (target, 0, end - start);
                var read = Fill(_file.SafeFileHandle, buffer.AsSpan(end), position);
                (end, position) = (end + read, position + read);
                continue;
            }

            var length = LengthAt(buffer, start);
            yield return new CountEntry(
                BinaryPrimitives.ReadUInt64LittleEndian(buffer.AsSpan(start)),
                buffer.AsMemory(start + HeadBytes, length),
                BinaryPrimitives.ReadInt64LittleEndian(buffer.AsSpan(start + 8)));
            start += HeadBytes + length;
        }
    }

    static int LengthAt(byte[] buffer, int start) => BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(start + 16));

    int Fill(SafeFileHandle handle, Span<byte> target, long position)
    {
        var wanted = (int)Math.Min(target.Length, Length - position);
        var count = 0;
        while (count < wanted && RandomAccess.Read(handle, target[count..wanted], position + count) is > 0 and var read)
        {
            count += read;
        }

        return count == wanted ? count : throw new EndOfStreamException(
            $"A temporary file of counts ends at byte {position + count:N0} of {Length:N0} written: something truncated it. " +
                $"Run again.");
    }
}

/// <summary>A text, its hash and how often it was seen.</summary>
readonly record struct CountEntry(ulong Hash, ReadOnlyMemory<byte> Utf8, long Count);
