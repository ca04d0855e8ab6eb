using System.Buffers.Binary;

namespace Capstan.Data;

/// <summary>All counts, also those on disk, on their way to another process: in the order of hashes, in which they merge.</summary>
public sealed partial class TextCounts
{
    const int EntryBytes = sizeof(long) + sizeof(int);
    const int BufferBytes = 1 << 18;

    // Where a length would stand.
    const int NoMore = -1;

    /// <summary>Writes all of the state, however many texts it has; <see cref="ReadAll"/> knows where it ends.</summary>
    /// <exception cref="InvalidOperationException">The state itself is not whole.</exception>
    public void WriteAll(Stream target)
    {
        if (!IsWhole)
        {
            throw new InvalidOperationException("A state that holds the most frequent texts only can't travel whole; count them again.");
        }

        target.WriteByte(IsSpilled ? (byte)1 : (byte)0);
        var (buffer, filled) = (new byte[BufferBytes], 0);
        foreach (var entry in Entries().Append(default))
        {
            // Nothing was seen zero times: that is the end.
            var length = entry.Count == 0 ? NoMore : entry.Utf8.Length;
            if (EntryBytes + entry.Utf8.Length > buffer.Length - filled)
            {
                target.Write(buffer, 0, filled);
                (buffer, filled) = (buffer.Length >= EntryBytes + length ? buffer : new byte[EntryBytes + length], 0);
            }

            var head = buffer.AsSpan(filled);
            BinaryPrimitives.WriteInt64LittleEndian(head, entry.Count);
            BinaryPrimitives.WriteInt32LittleEndian(head[sizeof(long)..], length);
            entry.Utf8.Span.CopyTo(head[EntryBytes..]);
            filled += EntryBytes + entry.Utf8.Length;
        }

        target.Write(buffer, 0, filled);
    }

    /// <summary>A state that <see cref="WriteAll"/> wrote; what was on disk there is on disk here.</summary>
    /// <param name="source">Read to the state's end and no further; tells its length.</param>
    /// <exception cref="CorruptStateException">The bytes are no such state.</exception>
    /// <exception cref="UnwritableFileException">The temporary folder can't take it.</exception>
    public static TextCounts ReadAll(Stream source)
    {
        var counts = new TextCounts();
        var isSpilled = source.ReadByte() switch
        {
            0 => false,
            1 => true,
            var other => throw new CorruptStateException(nameof(TextCounts), $"it begins with {other}, expected 0 or 1"),
        };
        var entries = EntriesIn(source, counts);
        if (isSpilled)
        {
            counts._runs.Add(CountRun.Write(entries, null));
            return counts;
        }

        foreach (var entry in entries)
        {
            counts._table.Add(entry.Utf8.Span, entry.Hash, entry.Count);
        }

        return counts;
    }

    /// <param name="counts">Whose total is counted up.</param>
    /// <returns>Each is valid until the next is asked for.</returns>
    static IEnumerable<CountEntry> EntriesIn(Stream source, TextCounts counts)
    {
        var (buffer, start, end, left) = (new byte[BufferBytes], 0, 0, source.Length - source.Position);
        var (before, lengthBefore, hashBefore) = (new byte[256], 0, 0UL);
        for (var index = 0L; ; index++)
        {
            Provide(EntryBytes);
            var count = BinaryPrimitives.ReadInt64LittleEndian(buffer.AsSpan(start));
            var length = BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(start + sizeof(long)));
            start += EntryBytes;
            if (length == NoMore && count == 0)
            {
                // What was read too far is another's.
                source.Position -= end - start;
                yield break;
            }

            if (length < 0 || length > end - start + left || count < 1 || count > long.MaxValue - counts.Total)
            {
                throw new CorruptStateException(
                    nameof(TextCounts), $"text {index:N0} claims {length:N0} bytes of {end - start + left:N0} and {count:N0} rows");
            }

            Provide(length);
            var utf8 = buffer.AsMemory(start, length);
            var hash = ValueHash.Of(utf8.Span);
            if (hash < hashBefore || (index > 0 && hash == hashBefore && utf8.Span.SequenceEqual(before.AsSpan(0, lengthBefore))))
            {
                throw new CorruptStateException(nameof(TextCounts), $"text {index:N0} is not after the one before it");
            }

            before = before.Length >= length ? before : new byte[length];
            utf8.Span.CopyTo(before);
            (lengthBefore, hashBefore) = (length, hash);
            counts.Total += count;
            yield return new CountEntry(hash, utf8, count);
            start += length;
        }

        void Provide(int bytes)
        {
            if (end - start >= bytes)
            {
                return;
            }

            var target = buffer.Length >= bytes ? buffer : new byte[Math.Max(bytes, 2 * buffer.Length)];
            buffer.AsSpan(start, end - start).CopyTo(target);
            (buffer, start, end) = (target, 0, end - start);
            var read = source.ReadAtLeast(buffer.AsSpan(end), bytes - end, throwOnEndOfStream: false);
            (end, left) = (end + read, left - read);
            if (end < bytes)
            {
                throw new CorruptStateException(nameof(TextCounts), "it ends too early");
            }
        }
    }
}
