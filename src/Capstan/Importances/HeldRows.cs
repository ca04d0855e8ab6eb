using System.Runtime.InteropServices;
using Capstan.Data;

namespace Capstan;

/// <summary>
/// Raw rows with labels and weights, kept in memory: all while they are few, and a uniform sample of them beyond.
/// </summary>
/// <remarks>
/// Every row draws a key; when there are too many rows, those whose key has one more leading bit set are dropped, about half of
/// them. Between half of <paramref name="most"/> and all of it are kept.
/// </remarks>
/// <param name="schema">The columns to keep.</param>
sealed class HeldRows(Schema schema, int most, ulong seed)
{
    readonly SeededRandom _random = new(seed);
    readonly List<ulong> _keys = [];
    readonly List<float> _labels = [];
    readonly List<float> _weights = [];
    BatchBuilder _rows = new(schema);
    int _bits;

    public ColumnBatch Rows => _rows.Batch;

    public ReadOnlySpan<float> Labels => CollectionsMarshal.AsSpan(_labels);

    public ReadOnlySpan<float> Weights => CollectionsMarshal.AsSpan(_weights);

    /// <param name="taken">Which of the batch's rows count; the others are as if they were not there.</param>
    /// <param name="labels">[batch.RowCount].</param>
    /// <param name="weights">[batch.RowCount].</param>
    public void Add(ColumnBatch batch, IEnumerable<int> taken, double[] labels, double[] weights)
    {
        var kept = new List<int>();
        foreach (var row in taken)
        {
            var key = _random.NextUInt64();
            if (IsKept(key))
            {
                kept.Add(row);
                _keys.Add(key);
                _labels.Add((float)labels[row]);
                _weights.Add((float)weights[row]);
            }
        }

        _rows.AppendRows(batch, CollectionsMarshal.AsSpan(kept));
        while (_keys.Count > most)
        {
            DropHalf();
        }
    }

    void DropHalf()
    {
        _bits++;
        int[] kept = [.. Enumerable.Range(0, _keys.Count).Where(row => IsKept(_keys[row]))];
        var rows = new BatchBuilder(schema);
        rows.AppendRows(_rows.Batch, kept);
        _rows = rows;
        Keep(_keys, kept);
        Keep(_labels, kept);
        Keep(_weights, kept);
    }

    bool IsKept(ulong key) => _bits == 0 || key >> (64 - _bits) == 0;

    static void Keep<T>(List<T> values, int[] kept)
    {
        for (var index = 0; index < kept.Length; index++)
        {
            values[index] = values[kept[index]];
        }

        values.RemoveRange(kept.Length, values.Count - kept.Length);
    }
}
