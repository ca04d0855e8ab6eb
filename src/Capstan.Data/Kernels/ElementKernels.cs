using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Capstan.Data;

/// <summary>
/// Element by element over two arrays: each result depends on its own element alone, through + − × ÷ √ and explicit fused
/// multiply-adds, so vectors and the scalar rest of an array give the same bits.
/// </summary>
public static class ElementKernels
{
    /// <summary><c>target[i] += source[i]</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Add(ReadOnlySpan<float> source, Span<float> target)
    {
        RequireSameLength(source.Length, target.Length);
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(target);
        nuint index = 0;
        for (; index + 8 <= (nuint)target.Length; index += 8)
        {
            (Vector256.LoadUnsafe(ref to, index) + Vector256.LoadUnsafe(ref from, index)).StoreUnsafe(ref to, index);
        }

        for (; index < (nuint)target.Length; index++)
        {
            target[(int)index] += source[(int)index];
        }
    }

    /// <summary><c>target[i] = fma(factor, source[i], target[i])</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void AddScaled(float factor, ReadOnlySpan<float> source, Span<float> target)
    {
        RequireSameLength(source.Length, target.Length);
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(target);
        var factors = Vector256.Create(factor);
        nuint index = 0;
        for (; index + 8 <= (nuint)target.Length; index += 8)
        {
            Vector256.FusedMultiplyAdd(factors, Vector256.LoadUnsafe(ref from, index), Vector256.LoadUnsafe(ref to, index))
                .StoreUnsafe(ref to, index);
        }

        for (; index < (nuint)target.Length; index++)
        {
            target[(int)index] = MathF.FusedMultiplyAdd(factor, source[(int)index], target[(int)index]);
        }
    }

    /// <summary><c>target[i] *= source[i]</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Multiply(ReadOnlySpan<float> source, Span<float> target)
    {
        RequireSameLength(source.Length, target.Length);
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(target);
        nuint index = 0;
        for (; index + 8 <= (nuint)target.Length; index += 8)
        {
            (Vector256.LoadUnsafe(ref to, index) * Vector256.LoadUnsafe(ref from, index)).StoreUnsafe(ref to, index);
        }

        for (; index < (nuint)target.Length; index++)
        {
            target[(int)index] *= source[(int)index];
        }
    }

    /// <summary><c>target[i] *= factor</c>.</summary>
    public static void Scale(float factor, Span<float> target)
    {
        foreach (ref var value in target)
        {
            value *= factor;
        }
    }

    internal static void RequireSameLength(int first, int second)
    {
        if (first != second)
        {
            throw new ArgumentException($"The arrays are {first} and {second} long; they must be equally long.");
        }
    }
}
