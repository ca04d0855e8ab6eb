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
        var (head, text, before) = (new byte[EntryBytes], new byte[256], default(CountEntry));
        var earlier = new byte[256];
        for (var index = 0L; ; index++)
        {
            Fill(source, head);
            var count = BinaryPrimitives.ReadInt64LittleEndian(head);
            var length = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(sizeof(long)));
            if (length == NoMore && count == 0)
            {
                yield break;
            }

            if (length < 0 || length > source.Length - source.Position || count < 1 || count > long.MaxValue - counts.Total)
            {
                throw new CorruptStateException(
                    nameof(TextCounts), $"text {index:N0} claims {length:N0} bytes of {source.Length - source.Position:N0} and {count:N0} rows");
            }

            (text, earlier) = (earlier.Length >= length ? earlier : new byte[Math.Max(length, 2 * earlier.Length)], text);
            Fill(source, text.AsSpan(0, length));
            var entry = new CountEntry(ValueHash.Of(text.AsSpan(0, length)), text.AsMemory(0, length), count);
            if (index > 0 && (entry.Hash < before.Hash || (entry.Hash == before.Hash && entry.Utf8.Span.SequenceEqual(before.Utf8.Span))))
            {
                throw new CorruptStateException(nameof(TextCounts), $"text {index:N0} is not after the one before it");
            }

            before = entry;
            counts.Total += count;
            yield return entry;
        }
    }

    static void Fill(Stream source, Span<byte> target)
    {
        try
        {
            source.ReadExactly(target);
        }
        catch (EndOfStreamException cause)
        {
            throw new CorruptStateException(nameof(TextCounts), "it ends too early", cause);
        }
    }
}
