using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Capstan.Data;

/// <summary>
/// Element-wise arithmetic over numbers where NaN stands for missing: in the engine's registers a number is finite or
/// missing, and −0 does not occur. Only operations that IEEE 754 rounds correctly run in vectors, so every element has the
/// same bits alone or among others, on every CPU; all else goes through <see cref="Math"/> element by element.
/// </summary>
public static class NumberKernels
{
    /// <summary>One operation, for a vector and for a single element.</summary>
    public interface IBinary
    {
        static abstract Vector256<double> Apply(Vector256<double> x, Vector256<double> y);

        static abstract double Apply(double x, double y);
    }

    public readonly struct Add : IBinary
    {
        public static Vector256<double> Apply(Vector256<double> x, Vector256<double> y) => x + y;

        public static double Apply(double x, double y) => x + y;
    }

    public readonly struct Subtract : IBinary
    {
        public static Vector256<double> Apply(Vector256<double> x, Vector256<double> y) => x - y;

        public static double Apply(double x, double y) => x - y;
    }

    public readonly struct Multiply : IBinary
    {
        public static Vector256<double> Apply(Vector256<double> x, Vector256<double> y) => x * y;

        public static double Apply(double x, double y) => x * y;
    }

    public readonly struct Divide : IBinary
    {
        public static Vector256<double> Apply(Vector256<double> x, Vector256<double> y) => x / y;

        public static double Apply(double x, double y) => x / y;
    }

    /// <summary>The lesser; missing if either is.</summary>
    public readonly struct Minimum : IBinary
    {
        public static Vector256<double> Apply(Vector256<double> x, Vector256<double> y) => Vector256.Min(x, y);

        public static double Apply(double x, double y) => Math.Min(x, y);
    }

    /// <summary>The greater; missing if either is.</summary>
    public readonly struct Maximum : IBinary
    {
        public static Vector256<double> Apply(Vector256<double> x, Vector256<double> y) => Vector256.Max(x, y);

        public static double Apply(double x, double y) => Math.Max(x, y);
    }

    /// <summary><c>result[i] = finite(x[i] ∘ y[i])</c>: whatever is not finite becomes missing, −0 becomes 0.</summary>
    /// <param name="y">As long as <paramref name="x"/>.</param>
    /// <param name="result">As long as <paramref name="x"/>; may be the same memory.</param>
    public static void Apply<TOperation>(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> result)
        where TOperation : struct, IBinary
    {
        y = y[..x.Length];
        result = result[..x.Length];
        var index = 0;
        for (; index <= x.Length - Vector256<double>.Count; index += Vector256<double>.Count)
        {
            Finite(TOperation.Apply(Vector256.Create(x[index..]), Vector256.Create(y[index..]))).CopyTo(result[index..]);
        }

        for (; index < x.Length; index++)
        {
            result[index] = Finite(TOperation.Apply(x[index], y[index]));
        }
    }

    /// <summary>Copies numbers into a register: whatever is not finite becomes missing, −0 becomes 0.</summary>
    public static void Load(ReadOnlySpan<double> values, Span<double> result)
    {
        for (var index = 0; index < values.Length; index++)
        {
            result[index] = Finite(values[index]);
        }
    }

    /// <summary>Sets the elements whose validity bit is clear to missing.</summary>
    /// <param name="validity">A bitmap, least significant bit first.</param>
    /// <param name="start">The bit that belongs to <c>values[0]</c>.</param>
    public static void MaskMissing(ReadOnlySpan<ulong> validity, int start, Span<double> values)
    {
        for (var index = 0; index < values.Length; index++)
        {
            var bit = start + index;
            if ((validity[bit >> 6] >> (bit & 63) & 1) == 0)
            {
                values[index] = double.NaN;
            }
        }
    }

    /// <summary>The number itself (−0 as 0), or NaN for an infinity: <c>r − r</c> is 0 for a finite r, else NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Finite(double value) => value + (value - value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<double> Finite(Vector256<double> value) => value + (value - value);
}
