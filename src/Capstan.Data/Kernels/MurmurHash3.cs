using System.Buffers.Binary;
using System.Numerics;

namespace Capstan.Data;

/// <summary>
/// MurmurHash3_x86_32 over bytes: the hash of hashed features, also found in ONNX Runtime (com.microsoft MurmurHash3).
/// </summary>
/// <remarks>Source: Austin Appleby, MurmurHash3 (public domain). Same bits on every machine.</remarks>
public static class MurmurHash3
{
    const uint C1 = 0xcc9e2d51;
    const uint C2 = 0x1b873593;

    public static uint Hash32(ReadOnlySpan<byte> bytes, uint seed)
    {
        var hash = seed;
        var rest = bytes;
        while (rest.Length >= 4)
        {
            hash = Mix(hash, BinaryPrimitives.ReadUInt32LittleEndian(rest));
            rest = rest[4..];
        }

        var tail = 0u;
        for (var index = rest.Length - 1; index >= 0; index--)
        {
            tail = tail << 8 | rest[index];
        }

        // A tail of no bytes scrambles to 0 and changes nothing, as in the reference.
        hash ^= Scramble(tail);
        return Finish(hash ^ (uint)bytes.Length);
    }

    /// <summary>The hash of a 64-bit value's eight little-endian bytes.</summary>
    public static uint Hash32(long value, uint seed) =>
        Finish(Mix(Mix(seed, (uint)value), (uint)(value >> 32)) ^ 8);

    static uint Scramble(uint block) => BitOperations.RotateLeft(block * C1, 15) * C2;

    static uint Mix(uint hash, uint block) => BitOperations.RotateLeft(hash ^ Scramble(block), 13) * 5 + 0xe6546b64;

    static uint Finish(uint hash)
    {
        hash = (hash ^ hash >> 16) * 0x85ebca6b;
        hash = (hash ^ hash >> 13) * 0xc2b2ae35;
        return hash ^ hash >> 16;
    }
}
