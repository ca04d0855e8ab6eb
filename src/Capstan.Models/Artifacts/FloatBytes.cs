using System.Buffers.Binary;
using System.Collections.Immutable;
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
        if (bytes.Length % 4 != 0)
        {
            throw new CorruptStateException("parameters", $"{bytes.Length:N0} bytes are not whole single-precision numbers");
        }

        var values = new float[bytes.Length / 4];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(index * 4)..]);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }
}
