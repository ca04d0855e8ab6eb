using System.Formats.Cbor;

namespace Capstan.Data;

/// <summary>
/// How often each text was seen, exactly, however many different ones there are: counted in memory up to a limit, and beyond it
/// in temporary files that no process leaves behind.
/// </summary>
/// <remarks>
/// A full table is written as a run in the order of its hashes and emptied; concluding merges the runs. Memory is the limit and a
/// longest text, and disk 20 bytes and its length for each different text of each full table. Any split merges to the
/// same counts as one pass. A stored state holds at most the most frequent <see cref="StoredTexts"/>, and says whether these are
/// all (<see cref="IsWhole"/>). Source: external merge sort, Knuth, The Art of Computer Programming vol. 3, §5.4.
/// </remarks>
public sealed partial class TextCounts : IMergeable<TextCounts>, IStoredState<TextCounts>
{
    public const long DefaultMemoryBytes = 64 << 20;

    /// <summary>How many texts a stored state holds where there are so many that some are on disk.</summary>
    public const int StoredTexts = 1_000_000;

    // Each open run takes a buffer and a place in the queue.
    const int MostRuns = 64;
    const int MostStoredBytes = 1 << 30;

    readonly long _memoryBytes;
    readonly string? _folder;
    readonly ByteTable _table = new();
    readonly List<CountRun> _runs = [];

    public TextCounts()
        : this(DefaultMemoryBytes, null)
    {
    }

    /// <param name="memoryBytes">How large the table in memory may grow before it is written to disk, 4,096 or more.</param>
    /// <param name="folder">Where; null for the system's temporary folder.</param>
    public TextCounts(long memoryBytes, string? folder)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(memoryBytes, 4096);
        (_memoryBytes, _folder) = (memoryBytes, folder);
    }

    public static TextCounts Empty => new();

    /// <summary>How many texts were observed, repeats included.</summary>
    public long Total { get; private set; }

    /// <summary>False for a stored state that holds the most frequent texts only: it can't be merged, nor tell more of them.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Fewer in tests, which would take long to reach a million.</summary>
    internal int MostStoredTexts { get; init; } = StoredTexts;

    /// <summary>Whether some counts are on disk.</summary>
    public bool IsSpilled => _runs.Count > 0;

    /// <summary>Whether the state can tell so many of the most frequent texts (or all, where there are fewer).</summary>
    public bool Holds(int limit) => IsWhole || limit <= _table.Count;

    /// <summary>The counts of a summary that is exact.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static TextCounts Of(TopValues values)
    {
        if (!values.IsExact)
        {
            throw new ArgumentException($"The counts are up to {values.CountError:N0} too small; exact ones are needed.", nameof(values));
        }

        var counts = new TextCounts { Total = values.Total };
        foreach (var value in values.Ordered())
        {
            counts._table.Add(value.Utf8.Span, ValueHash.Of(value.Utf8.Span), value.Count);
        }

        return counts;
    }

    /// <exception cref="UnwritableFileException">The table is full and the temporary folder can't take it.</exception>
    public void Observe(ReadOnlySpan<byte> utf8)
    {
        Total++;
        Add(utf8, ValueHash.Of(utf8), 1);
    }

    /// <summary>
    /// The most frequent texts: by count descending, equal counts in reverse byte order (tf.Transform's vocabulary order).
    /// </summary>
    /// <param name="limit">At most so many.</param>
    /// <param name="minCount">Only those seen so often.</param>
    /// <exception cref="InvalidOperationException">The state holds fewer of the most frequent texts than are asked for.</exception>
    public IReadOnlyList<ValueCount> Ordered(int limit, long minCount = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        if (!Holds(limit))
        {
            throw new InvalidOperationException(
                $"Only the {_table.Count:N0} most frequent texts were stored and {limit:N0} are asked for; count them again.");
        }

        var kept = new FrequentTexts(limit);
        foreach (var entry in IsSpilled ? Entries() : Unordered())
        {
            if (entry.Count >= minCount)
            {
                kept.Add(entry.Utf8.Span, entry.Count);
            }
        }

        return kept.Ordered();
    }

    public TextCounts Merge(TextCounts other)
    {
        if (!IsWhole || !other.IsWhole)
        {
            throw new InvalidOperationException("A state that holds the most frequent texts only can't be merged; count them again.");
        }

        // A side without texts has nothing to say about limits.
        var limits = Total == 0 ? other : this;
        var merged = new TextCounts(limits._memoryBytes, limits._folder) { Total = Total + other.Total };
        merged._runs.AddRange(_runs);
        merged._runs.AddRange(other._runs);
        foreach (var part in (ReadOnlySpan<TextCounts>)[this, other])
        {
            if (merged.IsSpilled && part._table.Count > 0)
            {
                // Many states may wait to be merged further: where there are that many texts, none of them holds a table.
                merged._runs.Add(CountRun.Write(part.InMemory(), merged._folder));
                continue;
            }

            for (var index = 0; index < part._table.Count; index++)
            {
                merged.Add(part._table.SpanAt(index), part._table.HashAt(index), part._table.CountAt(index));
            }
        }

        merged.JoinRuns();
        return merged;
    }

    public void WriteTo(CborWriter writer)
    {
        var ordered = Ordered(IsSpilled ? MostStoredTexts : _table.Count);
        var (sizes, text) = (new ulong[2 * ordered.Count], new MemoryStream());
        for (var index = 0; index < ordered.Count; index++)
        {
            (sizes[2 * index], sizes[2 * index + 1]) = ((ulong)ordered[index].Count, (ulong)ordered[index].Utf8.Length);
            text.Write(ordered[index].Utf8.Span);
        }

        var fields = new StateWriter(writer, 4);
        fields.Number(1, Total);
        fields.Number(2, IsWhole && (!IsSpilled || ordered.Count < MostStoredTexts) ? 1 : 0);
        fields.Words(3, sizes);
        fields.Bytes(4, text.ToArray());
        fields.End();
    }

    public static TextCounts ReadFrom(CborReader reader)
    {
        var fields = new StateReader(reader, nameof(TextCounts), 4);
        var counts = new TextCounts { Total = fields.Count(1), IsWhole = fields.Number(2, 0, 1) == 1 };
        var sizes = fields.Words(3, int.MaxValue / 8);
        var text = fields.Bytes(4, MostStoredBytes);
        fields.End();
        fields.Check(sizes.Length % 2 == 0, $"it has {sizes.Length} sizes, expected pairs");
        var (start, counted) = (0, UInt128.Zero);
        for (var index = 0; index < sizes.Length; index += 2)
        {
            var (count, length) = (sizes[index], sizes[index + 1]);
            fields.Check(length <= (ulong)(text.Length - start) && count > 0 && count <= (ulong)counts.Total,
                $"text {index / 2} claims {length} bytes and {count} rows; {text.Length - start} and {counts.Total} are there");
            var value = text.AsSpan(start, (int)length);
            var hash = ValueHash.Of(value);
            fields.Check(counts._table.Find(value, hash) < 0, $"text {index / 2} is stored twice");
            counts._table.Add(value, hash, (long)count);
            start += (int)length;
            counted += count;
        }

        fields.Check(start == text.Length, $"{text.Length - start} bytes belong to no text");
        fields.Check(counted <= (UInt128)counts.Total && (!counts.IsWhole || counted == (UInt128)counts.Total),
            $"its counts add up to {counted}, expected {counts.Total}");
        return counts;
    }

    void Add(ReadOnlySpan<byte> utf8, ulong hash, long count)
    {
        if (_table.Find(utf8, hash) is >= 0 and var index)
        {
            _table.CountAt(index) += count;
            return;
        }

        // Growing doubles what grows.
        if (_table.Count > 0 && !_table.HasRoomFor(utf8.Length) && 2 * _table.MemoryBytes > _memoryBytes)
        {
            Spill();
        }

        _table.Add(utf8, hash, count);
    }

    void Spill()
    {
        _runs.Add(CountRun.Write(InMemory(), _folder));
        _table.Clear();
        JoinRuns();
    }

    void JoinRuns()
    {
        if (_runs.Count > MostRuns)
        {
            var joined = CountRun.Write(CountMerge.Of(_runs.Select(run => run.Read())), _folder);
            _runs.Clear();
            _runs.Add(joined);
        }
    }

    /// <summary>Each text once; in the order of hashes where some are on disk.</summary>
    IEnumerable<CountEntry> Entries() => IsSpilled ? CountMerge.Of(_runs.Select(run => run.Read()).Append(InMemory())) : InMemory();

    IEnumerable<CountEntry> Unordered()
    {
        for (var index = 0; index < _table.Count; index++)
        {
            yield return new CountEntry(_table.HashAt(index), _table.ValueAt(index), _table.CountAt(index));
        }
    }

    IEnumerable<CountEntry> InMemory()
    {
        var hashes = new ulong[_table.Count];
        var indexes = new int[_table.Count];
        for (var index = 0; index < indexes.Length; index++)
        {
            (hashes[index], indexes[index]) = (_table.HashAt(index), index);
        }

        Array.Sort(hashes, indexes);
        foreach (var index in indexes)
        {
            yield return new CountEntry(_table.HashAt(index), _table.ValueAt(index), _table.CountAt(index));
        }
    }
}
