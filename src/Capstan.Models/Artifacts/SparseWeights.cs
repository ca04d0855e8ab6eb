using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Capstan.Data;

namespace Capstan.Models;

/// <summary>Weights of which most are 0, such as those of hash buckets that nothing fell into, as a model's file holds
/// them.</summary>
/// <param name="Weights">Those that are not 0.</param>
/// <param name="Places">[4 × Weights.Length] where they are, rising 32-bit numbers, little-endian.</param>
sealed record SparseWeights(float[] Weights, byte[] Places)
{
    // Fewer weights than these are stored as they are, so that files of small models stay as they were.
    const int Fewest = 1 << 16;

    /// <summary>Null where that would save less than half.</summary>
    public static SparseWeights? Of(ReadOnlySpan<float> all)
    {
        var kept = 0;
        foreach (var weight in all)
        {
            kept += IsZero(weight) ? 0 : 1;
        }

        if (all.Length < Fewest || kept > all.Length / 4)
        {
            return null;
        }

        var (weights, places) = (new float[kept], new int[kept]);
        var next = 0;
        for (var place = 0; place < all.Length; place++)
        {
            if (!IsZero(all[place]))
            {
                (weights[next], places[next]) = (all[place], place);
                next++;
            }
        }

        // Every platform that .NET 10 runs on here is little-endian.
        return new SparseWeights(weights, MemoryMarshal.AsBytes(places.AsSpan()).ToArray());
    }

    /// <summary>All weights.</summary>
    /// <exception cref="CorruptStateException">A place is out of range or out of order, or there are more or fewer than
    /// weights.</exception>
    public static ImmutableArray<float> Expand(ReadOnlySpan<float> weights, byte[] places, long count)
    {
        var found = MemoryMarshal.Cast<byte, int>(places);
        if (places.Length != 4L * weights.Length || count > Array.MaxLength)
        {
            throw new CorruptStateException(
                "predictor", $"it has {weights.Length:N0} weights and {places.Length:N0} bytes of places for {count:N0} categories");
        }

        var all = new float[count];
        var last = -1;
        for (var index = 0; index < found.Length; index++)
        {
            if (found[index] <= last || found[index] >= count)
            {
                throw new CorruptStateException(
                    "predictor", $"weight {index:N0} is at place {found[index]:N0}, after {last:N0} and of {count:N0}");
            }

            last = found[index];
            all[last] = weights[index];
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(all);
    }

    // A negative zero is another number.
    static bool IsZero(float weight) => BitConverter.SingleToInt32Bits(weight) == 0;
}
