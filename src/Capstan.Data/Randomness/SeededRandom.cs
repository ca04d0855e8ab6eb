using System.Numerics;

namespace Capstan.Data;

/// <summary>
/// The random numbers of everything that learns, shuffles or simulates: xoshiro256**, whose 256 bits of state SplitMix64 fills
/// from a seed. The same seed gives the same numbers on every machine and in every release. Not thread-safe; not for secrets.
/// </summary>
/// <remarks>
/// Sources: D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47 (2021); G. Steele et al., "Fast
/// splittable pseudorandom number generators", OOPSLA 2014; D. Lemire, "Fast random integer generation in an interval", ACM
/// TOMACS 29 (2019); G. Marsaglia, T. Bray, "A convenient method for generating normal variables", SIAM Review 6 (1964).
/// </remarks>
public sealed class SeededRandom
{
    ulong _s0, _s1, _s2, _s3;
    double _spareNormal = double.NaN;

    public SeededRandom(ulong seed)
    {
        _s0 = SplitMix64(ref seed);
        _s1 = SplitMix64(ref seed);
        _s2 = SplitMix64(ref seed);
        _s3 = SplitMix64(ref seed);
    }

    /// <summary>An independent sequence of the same seed, such as one per epoch, worker or feature.</summary>
    public SeededRandom(ulong seed, ulong stream)
        : this(SplitMix64(ref stream) ^ seed)
    {
    }

    /// <summary>A generator in a given state, which must not be all zeros.</summary>
    internal SeededRandom(ulong s0, ulong s1, ulong s2, ulong s3) => (_s0, _s1, _s2, _s3) = (s0, s1, s2, s3);

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        var shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1), a multiple of 2⁻⁵³.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, 1), a multiple of 2⁻²⁴.</summary>
    public float NextSingle() => (NextUInt64() >> 40) * (1f / (1 << 24));

    /// <summary>Uniform in [0, <paramref name="bound"/>), without bias.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bound"/> is not positive.</exception>
    public int NextInt32(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var range = (uint)bound;
        var product = (NextUInt64() >> 32) * range;
        if ((uint)product < range)
        {
            // The low half tells which of the 2³² values would make some results one too frequent; draw again for those.
            var excess = unchecked(0u - range) % range;
            while ((uint)product < excess)
            {
                product = (NextUInt64() >> 32) * range;
            }
        }

        return (int)(product >> 32);
    }

    /// <summary>Normal with mean 0 and variance 1 (the polar method: logarithm and square root only).</summary>
    public double NextNormal()
    {
        if (!double.IsNaN(_spareNormal))
        {
            var spare = _spareNormal;
            _spareNormal = double.NaN;
            return spare;
        }

        double x, y, square;
        do
        {
            x = 2 * NextDouble() - 1;
            y = 2 * NextDouble() - 1;
            square = x * x + y * y;
        }
        while (square is 0 or >= 1);

        var factor = Math.Sqrt(-2 * Math.Log(square) / square);
        _spareNormal = y * factor;
        return x * factor;
    }

    /// <summary>Puts the items into a random order, every one equally likely (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var last = items.Length - 1; last > 0; last--)
        {
            var other = NextInt32(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    /// <summary>
    /// The output of SplitMix64 in a state: random bits of a number, the same whoever asks, in whatever order.
    /// </summary>
    public static ulong Scrambled(ulong number) => SplitMix64(ref number);

    /// <summary>The next output of SplitMix64, whose whole state is <paramref name="state"/>.</summary>
    internal static ulong SplitMix64(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        return ValueHash.Mix(state);
    }
}
