using System.Runtime.CompilerServices;

namespace Capstan.Parameters;

/// <summary>Single-precision numbers as they travel.</summary>
static class WireFloats
{
    public static int BytesOf(WireNumbers numbers) => numbers == WireNumbers.Single ? 4 : 2;

    public static void Write(FrameBuffer frame, ReadOnlySpan<float> values, WireNumbers numbers)
    {
        switch (numbers)
        {
            case WireNumbers.BFloat16:
                var upper = frame.AppendSpan<ushort>(values.Length);
                for (var index = 0; index < values.Length; index++)
                {
                    upper[index] = Upper(values[index]);
                }

                break;
            case WireNumbers.Half:
                var halves = frame.AppendSpan<Half>(values.Length);
                for (var index = 0; index < values.Length; index++)
                {
                    halves[index] = (Half)values[index];
                }

                break;
            default:
                frame.Write(values);
                break;
        }
    }

    /// <summary>Reads numbers; as they lie in the frame where they can be used so.</summary>
    /// <param name="scratch">Grown if need be.</param>
    public static Span<float> Read(FrameBuffer frame, int count, WireNumbers numbers, ref float[] scratch)
    {
        if (numbers == WireNumbers.Single)
        {
            return frame.Read<float>(count);
        }

        var encoded = frame.Read<ushort>(count);
        if (scratch.Length < count)
        {
            scratch = new float[count];
        }

        Decode(encoded, numbers, scratch);
        return scratch.AsSpan(0, count);
    }

    public static void Decode(ReadOnlySpan<ushort> encoded, WireNumbers numbers, Span<float> values)
    {
        for (var index = 0; index < encoded.Length; index++)
        {
            values[index] = numbers == WireNumbers.BFloat16
                ? BitConverter.UInt32BitsToSingle((uint)encoded[index] << 16)
                : (float)BitConverter.UInt16BitsToHalf(encoded[index]);
        }
    }

    /// <summary>The upper half of a number, rounded to the nearest, ties to even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ushort Upper(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsFinite(value)
            ? (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16)
            : (ushort)((bits >> 16) | (float.IsNaN(value) ? 0x40u : 0));
    }
}
