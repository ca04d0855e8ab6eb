namespace Capstan.Data;

/// <summary>The most frequent of many texts, as they come by: holds at most twice as many as are wanted.</summary>
/// <param name="limit">How many are wanted.</param>
sealed class FrequentTexts(int limit)
{
    const int BlockBytes = 1 << 20;

    ValueCount[] _values = new ValueCount[64];
    int _count;
    byte[] _block = [];
    int _filled;
    ValueCount? _last;

    /// <param name="utf8">A text that was not added before; copied.</param>
    public void Add(ReadOnlySpan<byte> utf8, long count)
    {
        // Only what comes before the last of those that were kept when it was cut has a place.
        if (limit == 0 || (_last is { } last && (count < last.Count || (count == last.Count && utf8.SequenceCompareTo(last.Utf8.Span) <= 0))))
        {
            return;
        }

        if (_count == _values.Length)
        {
            if (_count >= 2L * limit)
            {
                Cut();
            }
            else
            {
                Array.Resize(ref _values, (int)Math.Min(Math.Min(2L * _count, 2L * limit), Array.MaxLength));
            }
        }

        _values[_count++] = new ValueCount(Copy(utf8), count);
    }

    /// <summary>At most as many as are wanted, the most frequent first; ends the adding.</summary>
    public ValueCount[] Ordered()
    {
        CountOrder.Sort(_values.AsSpan(0, _count));
        return _values[..Math.Min(_count, limit)];
    }

    void Cut()
    {
        CountOrder.Sort(_values.AsSpan(0, _count));
        _count = limit;
        // Kept texts lie among dropped ones: copied, so that the memory of those is free.
        (_block, _filled) = ([], 0);
        for (var index = 0; index < _count; index++)
        {
            _values[index] = _values[index] with { Utf8 = Copy(_values[index].Utf8.Span) };
        }

        _last = _values[_count - 1];
    }

    ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > _block.Length - _filled)
        {
            (_block, _filled) = (new byte[Math.Max(BlockBytes, utf8.Length)], 0);
        }

        var copy = _block.AsMemory(_filled, utf8.Length);
        utf8.CopyTo(copy.Span);
        _filled += utf8.Length;
        return copy;
    }
}
