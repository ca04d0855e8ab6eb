using System.Buffers.Binary;
using System.Text;

namespace Capstan.Serving;

/// <summary>
/// Writes a protobuf message into memory that it keeps: nothing is allocated once it has written its largest. As proto3 has it, texts that are
/// empty and numbers that are 0 are left out by whoever calls. Not thread-safe.
/// </summary>
/// <remarks>Source: protobuf.dev/programming-guides/encoding.</remarks>
sealed class ProtobufWriter
{
    byte[] _bytes = new byte[512];
    int _length;

    /// <summary>What was written, valid until the next change.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void Clear() => _length = 0;

    public void WriteBoolean(int field, bool value)
    {
        WriteTag(field, WireType.Varint);
        WriteVarint(value ? 1UL : 0);
    }

    public void WriteText(int field, string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        WriteTag(field, WireType.Bytes);
        WriteVarint((ulong)bytes);
        Encoding.UTF8.GetBytes(text, Room(bytes));
    }

    /// <summary>Begins a message, or packed numbers, whose length is not known yet.</summary>
    /// <returns>What <see cref="End"/> needs.</returns>
    public int Begin(int field)
    {
        WriteTag(field, WireType.Bytes);
        return _length;
    }

    /// <summary>Puts the length before what was written since.</summary>
    public void End(int begun)
    {
        var content = _length - begun;
        var prefix = VarintBytes((ulong)content);
        Room(prefix);
        _bytes.AsSpan(begun, content).CopyTo(_bytes.AsSpan(begun + prefix));
        PutVarint(_bytes.AsSpan(begun), (ulong)content);
    }

    public void WriteVarint(ulong value) => PutVarint(Room(VarintBytes(value)), value);

    public void WriteSingle(float value) => BinaryPrimitives.WriteSingleLittleEndian(Room(sizeof(float)), value);

    public void WriteDouble(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Room(sizeof(double)), value);

    public void WriteFixed32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Room(sizeof(uint)), value);

    public void WriteFixed64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Room(sizeof(ulong)), value);

    public void WriteByte(byte value) => Room(1)[0] = value;

    /// <summary>The bytes alone, without a tag or a length.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Room(bytes.Length));

    /// <summary>Four bytes over what was written there.</summary>
    public void PutBigEndian(int at, uint value) => BinaryPrimitives.WriteUInt32BigEndian(_bytes.AsSpan(at, sizeof(uint)), value);

    void WriteTag(int field, WireType type) => WriteVarint((ulong)field << 3 | (uint)type);

    static int VarintBytes(ulong value) => 1 + (63 - System.Numerics.BitOperations.LeadingZeroCount(value | 1)) / 7;

    static void PutVarint(Span<byte> to, ulong value)
    {
        var index = 0;
        for (; value >= 0x80; value >>= 7)
        {
            to[index++] = (byte)(value | 0x80);
        }

        to[index] = (byte)value;
    }

    Span<byte> Room(int bytes)
    {
        if (_bytes.Length - _length < bytes)
        {
            Array.Resize(ref _bytes, Math.Max(checked(_length + bytes), _bytes.Length * 2));
        }

        _length += bytes;
        return _bytes.AsSpan(_length - bytes, bytes);
    }
}
