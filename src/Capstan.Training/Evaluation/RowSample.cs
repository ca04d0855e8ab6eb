namespace Capstan.Training;

/// <summary>
/// All rows of some columns of numbers while they are few, and a uniform sample of them beyond. Which rows are kept follows from their
/// number in the order of arrival alone. Not thread-safe.
/// </summary>
/// <remarks>
/// A row's key is a hash of its number. When there are too many, all whose key has one more leading bit set are dropped, about half
/// of them: between half of <paramref name="most"/> and all of it are kept.
/// </remarks>
/// <param name="columns">How many numbers a row has.</param>
/// <param name="most">How many rows are kept, 1 or more.</param>
public sealed class RowSample(int columns, int most)
{
    readonly List<float>[] _columns = [.. Enumerable.Range(0, columns).Select(_ => new List<float>())];
    readonly List<ulong> _keys = [];
    int _bits;

    /// <summary>How many rows there were.</summary>
    public long Seen { get; private set; }

    public int Count => _keys.Count;

    public float[] Column(int index) => [.. _columns[index]];

    /// <summary>Whether the next row would be kept: if not, <see cref="Skip"/> spares reading it.</summary>
    public bool TakesNext() => IsKept(RowHash.Of(0, Seen));

    /// <summary>Counts a row that is not kept.</summary>
    /// <exception cref="InvalidOperationException">It would have been.</exception>
    public void Skip()
    {
        if (TakesNext())
        {
            throw new InvalidOperationException($"Row {Seen} belongs to the sample, and can't be skipped.");
        }

        Seen++;
    }

    /// <summary>Takes in one row.</summary>
    /// <param name="values">[columns].</param>
    public void Add(ReadOnlySpan<float> values)
    {
        if (values.Length != _columns.Length)
        {
            throw new ArgumentException($"The row has {values.Length} numbers, expected {_columns.Length}.", nameof(values));
        }

        var key = RowHash.Of(0, Seen++);
        if (!IsKept(key))
        {
            return;
        }

        if (_keys.Count == most)
        {
            DropHalf();
            if (!IsKept(key))
            {
                return;
            }
        }

        _keys.Add(key);
        for (var index = 0; index < values.Length; index++)
        {
            _columns[index].Add(values[index]);
        }
    }

    bool IsKept(ulong key) => _bits == 0 || key >> (64 - _bits) == 0;

    void DropHalf()
    {
        while (_keys.Count == most)
        {
            _bits++;
            var kept = 0;
            for (var row = 0; row < _keys.Count; row++)
            {
                if (IsKept(_keys[row]))
                {
                    _keys[kept] = _keys[row];
                    foreach (var column in _columns)
                    {
                        column[kept] = column[row];
                    }

                    kept++;
                }
            }

            _keys.RemoveRange(kept, _keys.Count - kept);
            foreach (var column in _columns)
            {
                column.RemoveRange(kept, column.Count - kept);
            }
        }
    }
}
