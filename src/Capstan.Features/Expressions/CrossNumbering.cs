using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// How the categories of several operands become one. They are numbered through in mixed radix (key = key · cardinality +
/// category); where that would pass 2⁶², the key so far is hashed to 32 bits first. If all combinations fit into the buckets
/// the key is the category, otherwise its hash mod buckets is.
/// </summary>
sealed class CrossNumbering
{
    const double LargestKey = 1L << 62;

    readonly int[] _cardinalities;
    readonly bool[] _hashBefore;
    readonly int _buckets;
    readonly uint _seed;
    readonly bool _isExact;

    public CrossNumbering(int[] cardinalities, int buckets, uint seed)
    {
        (_cardinalities, _buckets, _seed) = (cardinalities, buckets, seed);
        _hashBefore = new bool[cardinalities.Length];
        double combinations = cardinalities[0];
        var hashed = false;
        for (var index = 1; index < cardinalities.Length; index++)
        {
            if (combinations * cardinalities[index] > LargestKey)
            {
                (_hashBefore[index], hashed) = (true, true);
                combinations = 1L << 32;
            }

            combinations *= cardinalities[index];
        }

        _isExact = !hashed && combinations <= buckets;
        Cardinality = _isExact ? (int)combinations : buckets;
    }

    public int Cardinality { get; }

    /// <summary>Whether the key of all operands is the category, without a hash.</summary>
    public bool IsExact => _isExact;

    /// <summary>Whether the key is hashed to 32 bits before the operand at <paramref name="index"/> is appended.</summary>
    public bool HashesBefore(int index) => _hashBefore[index];

    /// <summary>The key of the operands up to and including the one at <paramref name="index"/>.</summary>
    public long Append(long key, int index, int category) =>
        (_hashBefore[index] ? MurmurHash3.Hash32(key, _seed) : key) * _cardinalities[index] + category;

    public int Finish(long key) => _isExact ? (int)key : (int)(MurmurHash3.Hash32(key, _seed) % (uint)_buckets);
}
