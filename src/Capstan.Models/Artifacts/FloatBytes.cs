using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using Capstan.Data;

namespace Capstan.Models;

/// <summary>Single-precision numbers as little-endian bytes.</summary>
static class FloatBytes
{
    public static byte[] Of(ReadOnlySpan<float> values)
    {
        var bytes = new byte[checked(values.Length * 4)];
        for (var index = 0; index < values.Length; index++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(index * 4), values[index]);
        }

        return bytes;
    }

    /// <exception cref="CorruptStateException">The length is no multiple of 4.</exception>
    public static ImmutableArray<float> Read(ReadOnlySpan<byte> bytes)
    {
        Check(bytes);
        var values = GC.AllocateUninitializedArray<float>(bytes.Length / 4);
        if (BitConverter.IsLittleEndian)
        {
            bytes.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        }
        else
        {
            for (var index = 0; index < values.Length; index++)
            {
                values[index] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(index * 4)..]);
            }
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }

    /// <summary>The numbers where they are, as far as this processor has its bytes in that order; copied otherwise.</summary>
    /// <exception cref="CorruptStateException">The length is no multiple of 4.</exception>
    public static ReadOnlySpan<float> InPlace(ReadOnlySpan<byte> bytes)
    {
        Check(bytes);
        return BitConverter.IsLittleEndian ? MemoryMarshal.Cast<byte, float>(bytes) : Read(bytes).AsSpan();
    }

    /// <summary>Where the first NaN or infinity is; −1 where all are finite.</summary>
    public static int IndexOfNotFinite(ReadOnlySpan<float> values)
    {
        // A network has hundreds of thousands, and all are looked at before it may answer: whole vectors first, of which 0 × x is 0 just where x is finite.
        var index = 0;
        for (; index <= values.Length - Vector<float>.Count; index += Vector<float>.Count)
        {
            if (!Vector.EqualsAll(new Vector<float>(values[index..]) * Vector<float>.Zero, Vector<float>.Zero))
            {
                break;
            }
        }

        for (; index < values.Length; index++)
        {
            if (!float.IsFinite(values[index]))
            {
                return index;
            }
        }

        return -1;
    }

    static void Check(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % 4 != 0)
        {
            throw new CorruptStateException("parameters", $"{bytes.Length:N0} bytes are not whole single-precision numbers");
        }
    }
}
