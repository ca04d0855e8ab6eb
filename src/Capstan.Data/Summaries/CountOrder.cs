using System.Buffers.Binary;

namespace Capstan.Data;

/// <summary>
/// The order of a vocabulary: by count descending, equal counts in reverse byte order (tf.Transform's). Millions of texts that were seen once each
/// are compared eight bytes at a time, as numbers side by side in memory, where comparing them one by one waits for memory at every step.
/// </summary>
/// <remarks>Source: multikey quicksort, Bentley and Sedgewick 1997, with whole words for letters.</remarks>
static class CountOrder
{
    const int WordBytes = sizeof(ulong);

    // Below, looking at the words costs more than comparing.
    const int FewTexts = 24;

    /// <summary>Less comes first.</summary>
    public static int Compare(ValueCount left, ValueCount right)
    {
        var byCount = right.Count.CompareTo(left.Count);
        return byCount != 0 ? byCount : right.Utf8.Span.SequenceCompareTo(left.Utf8.Span);
    }

    /// <param name="values">Sorted in place; each text once.</param>
    public static void Sort(Span<ValueCount> values)
    {
        if (values.Length <= FewTexts)
        {
            values.Sort(Compare);
            return;
        }

        var keys = new ulong[values.Length];
        for (var index = 0; index < keys.Length; index++)
        {
            keys[index] = ~(ulong)values[index].Count;
        }

        keys.AsSpan().Sort(values);
        SortEqual(keys, values, 0, bytesAreNext: true);
    }

    /// <summary>Sorts each stretch of equal keys further.</summary>
    /// <param name="depth">How many first bytes the texts of a stretch share.</param>
    /// <param name="bytesAreNext">False: the texts share the keys' bytes, too.</param>
    static void SortEqual(Span<ulong> keys, Span<ValueCount> values, int depth, bool bytesAreNext)
    {
        for (int start = 0, end; start < keys.Length; start = end)
        {
            end = start + 1;
            while (end < keys.Length && keys[end] == keys[start])
            {
                end++;
            }

            if (end - start > 1)
            {
                SortTexts(keys[start..end], values[start..end], bytesAreNext ? depth : depth + WordBytes);
            }
        }
    }

    /// <param name="keys">Overwritten.</param>
    /// <param name="values">Of one count; their texts share the first bytes.</param>
    static void SortTexts(Span<ulong> keys, Span<ValueCount> values, int depth)
    {
        if (values.Length <= FewTexts || !ShareBytes(values, depth))
        {
            // Where one ends before the others, zeros would be taken for its bytes.
            values.Sort(Compare);
            return;
        }

        depth += SharedBytes(values, depth);
        for (var index = 0; index < keys.Length; index++)
        {
            keys[index] = ~WordAt(values[index].Utf8.Span, depth);
        }

        keys.Sort(values);
        SortEqual(keys, values, depth, bytesAreNext: false);
    }

    static bool ShareBytes(Span<ValueCount> values, int depth)
    {
        foreach (ref readonly var value in values)
        {
            if (value.Utf8.Length < depth)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Beyond the depth.</summary>
    static int SharedBytes(Span<ValueCount> values, int depth)
    {
        var shared = values[0].Utf8.Span[depth..];
        foreach (ref readonly var value in values)
        {
            shared = shared[..shared.CommonPrefixLength(value.Utf8.Span[depth..])];
            if (shared.IsEmpty)
            {
                return 0;
            }
        }

        return shared.Length;
    }

    static ulong WordAt(ReadOnlySpan<byte> text, int depth)
    {
        var rest = text[depth..];
        if (rest.Length >= WordBytes)
        {
            return BinaryPrimitives.ReadUInt64BigEndian(rest);
        }

        Span<byte> word = stackalloc byte[WordBytes];
        rest.CopyTo(word);
        return BinaryPrimitives.ReadUInt64BigEndian(word);
    }
}
