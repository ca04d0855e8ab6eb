namespace Capstan.Training;

/// <summary>Rows with the same score, or with scores of the same class: their summed weights by label.</summary>
readonly record struct ScoreGroup(float Score, double Positives, double Negatives);

/// <summary>
/// Scores in order with their labels and weights: each row while they are few, counts per class of scores beyond.
/// </summary>
sealed class RankedScores(int exactRows)
{
    const int ClassBits = 20;
    const int ChunkRows = 1 << 15;

    // A row is one word: 32 bits that sort as its score does, 1 bit of label, 31 bits of weight (a float ≥ 0 has no sign bit).
    // Sorting the words therefore orders the rows completely, and sums do not depend on the order of arrival.
    List<ulong[]> _chunks = [];
    int _rows;
    double[]? _positives;
    double[]? _negatives;

    public bool IsExact => _positives is null;

    public void Add(float score, bool isPositive, float weight) =>
        Add((ulong)KeyOf(score) << 32 | (isPositive ? 1UL << 31 : 0) | BitConverter.SingleToUInt32Bits(weight));

    public RankedScores Merge(RankedScores other)
    {
        var merged = new RankedScores(Math.Min(exactRows, other.ExactRows));
        foreach (var part in (ReadOnlySpan<RankedScores>)[this, other])
        {
            if (part._positives is null)
            {
                foreach (var row in part.Rows())
                {
                    merged.Add(row);
                }

                continue;
            }

            merged.CountClasses();
            for (var index = 0; index < part._positives.Length; index++)
            {
                merged._positives![index] += part._positives[index]; // both set by CountClasses
                merged._negatives![index] += part._negatives![index];
            }
        }

        return merged;
    }

    /// <summary>Groups by rising score; none has weight 0. Sorted once, and can be enumerated many times.</summary>
    public IEnumerable<ScoreGroup> Ascending() =>
        _positives is null ? GroupsOf(SortedRows()) : GroupsOf(_positives, _negatives!); // both are set together

    int ExactRows => exactRows;

    void Add(ulong row)
    {
        if (_positives is null && _rows == exactRows)
        {
            CountClasses();
        }

        if (_positives is not null)
        {
            CountClass(row);
            return;
        }

        if (_rows % ChunkRows == 0)
        {
            _chunks.Add(new ulong[ChunkRows]);
        }

        _chunks[^1][_rows++ % ChunkRows] = row;
    }

    IEnumerable<ulong> Rows() => _chunks.SelectMany((chunk, index) => chunk.Take(Math.Min(ChunkRows, _rows - index * ChunkRows)));

    void CountClasses()
    {
        if (_positives is not null)
        {
            return;
        }

        var rows = Rows();
        (_positives, _negatives) = (new double[1 << ClassBits], new double[1 << ClassBits]);
        foreach (var row in rows)
        {
            CountClass(row);
        }

        (_chunks, _rows) = ([], 0);
    }

    void CountClass(ulong row)
    {
        var counts = IsPositive(row) ? _positives : _negatives;
        counts![row >> (64 - ClassBits)] += WeightOf(row); // set before any class is counted
    }

    ulong[] SortedRows()
    {
        var rows = new ulong[_rows];
        for (var start = 0; start < _rows; start += ChunkRows)
        {
            _chunks[start / ChunkRows].AsSpan(0, Math.Min(ChunkRows, _rows - start)).CopyTo(rows.AsSpan(start));
        }

        rows.AsSpan().Sort();
        return rows;
    }

    static IEnumerable<ScoreGroup> GroupsOf(ulong[] rows)
    {
        for (var row = 0; row < rows.Length;)
        {
            var (key, positives, negatives) = (rows[row] >> 32, 0.0, 0.0);
            for (; row < rows.Length && rows[row] >> 32 == key; row++)
            {
                var weight = WeightOf(rows[row]);
                positives += IsPositive(rows[row]) ? weight : 0;
                negatives += IsPositive(rows[row]) ? 0 : weight;
            }

            yield return new ScoreGroup(ScoreOf((uint)key), positives, negatives);
        }
    }

    static IEnumerable<ScoreGroup> GroupsOf(double[] positives, double[] negatives)
    {
        const int LowBits = 32 - ClassBits;
        for (var index = 0; index < positives.Length; index++)
        {
            if (positives[index] + negatives[index] > 0)
            {
                var middle = ScoreOf((uint)index << LowBits | 1u << LowBits - 1);
                yield return new ScoreGroup(middle, positives[index], negatives[index]);
            }
        }
    }

    static bool IsPositive(ulong row) => (row >> 31 & 1) != 0;

    static double WeightOf(ulong row) => BitConverter.UInt32BitsToSingle((uint)row & int.MaxValue);

    /// <summary>Unsigned keys in the order of the scores; −0 is 0.</summary>
    static uint KeyOf(float score)
    {
        var bits = BitConverter.SingleToInt32Bits(score + 0f);
        return (uint)(bits ^ (bits >> 31 | int.MinValue));
    }

    static float ScoreOf(uint key) => BitConverter.Int32BitsToSingle((int)key ^ ((int)~key >> 31 | int.MinValue));
}
