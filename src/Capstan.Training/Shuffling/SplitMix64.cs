namespace Capstan.Training;

/// <summary>
/// A stream of random numbers that is the same on every machine and in every version: the order of training rows hangs on it.
/// </summary>
/// <remarks>Source: Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014. Not thread-safe; copying
/// forks.</remarks>
struct SplitMix64(ulong seed)
{
    ulong _state = seed;

    /// <summary>The stream of one epoch: unlike that of any other epoch or seed.</summary>
    public static SplitMix64 OfEpoch(ulong seed, int epochIndex)
    {
        // Hashed one after the other: combined symmetrically, seed 3's epoch 7 would be seed 7's epoch 3.
        var ofSeed = new SplitMix64(seed).Next();
        return new SplitMix64(new SplitMix64(ofSeed + (ulong)epochIndex).Next());
    }

    public ulong Next()
    {
        _state += 0x9e3779b97f4a7c15;
        var bits = (_state ^ _state >> 30) * 0xbf58476d1ce4e5b9;
        bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
        return bits ^ bits >> 31;
    }

    /// <summary>A number from 0 to limit − 1, by multiplying instead of dividing; off uniform by less than limit / 2⁶⁴.</summary>
    public int Below(int limit) => (int)Math.BigMul(Next(), (ulong)limit, out _);

    /// <summary>Puts 0 … length − 1 in random order (Fisher–Yates, inside out).</summary>
    public void Permute(Span<int> order)
    {
        for (var index = 0; index < order.Length; index++)
        {
            var other = Below(index + 1);
            order[index] = order[other];
            order[other] = index;
        }
    }
}
