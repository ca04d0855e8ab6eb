using System.Buffers.Binary;

namespace Capstan.Data;

/// <summary>A 64-bit hash of a value's bytes for summaries. Stored distinct counts depend on it: it must never change.</summary>
/// <remarks>
/// Eight bytes at a time: state ← fold((state xor word) × odd constant), where fold xors the halves of the 128-bit product.
/// Against an adversary it protects nothing; its quality is tested by distinct counts and by single-bit changes.
/// </remarks>
public static class ValueHash
{
    const ulong Odd = 0x9E37_79B9_7F4A_7C15;
    const ulong Start = 0xD1B5_4A32_D192_ED03;

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var state = Start ^ ((ulong)bytes.Length * Odd);
        while (bytes.Length >= 8)
        {
            state = Fold(state ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes), Odd);
            bytes = bytes[8..];
        }

        if (bytes.Length >= 4)
        {
            // Two overlapping reads cover four to seven bytes; the length is already in the state.
            var first = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            var last = BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]);
            state = Fold(state ^ ((ulong)first << 32 | last), Odd);
        }
        else if (bytes.Length > 0)
        {
            state = Fold(state ^ ((ulong)bytes[0] << 16 | (ulong)bytes[bytes.Length >> 1] << 8 | bytes[^1]), Odd);
        }

        return Mix(state);
    }

    /// <summary>A bijection of 64-bit numbers in which every input bit changes about half of the output bits.</summary>
    /// <remarks>Source: Stafford's variant 13 of MurmurHash3's finaliser, which SplitMix64 uses.</remarks>
    public static ulong Mix(ulong value)
    {
        value = (value ^ value >> 30) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ value >> 27) * 0x94D0_49BB_1331_11EB;
        return value ^ value >> 31;
    }

    static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }
}
