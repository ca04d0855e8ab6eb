using System.Buffers.Binary;

namespace Capstan.Serving;

/// <summary>How a field of a protobuf message is written; the values are the wire's.</summary>
enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

/// <summary>
/// Reads a protobuf message field by field where it lies: no object is made of it. A field that the caller does not know is passed over by
/// asking for the next.
/// </summary>
/// <remarks>Source: protobuf.dev/programming-guides/encoding. Groups, which proto3 does not have, are refused.</remarks>
ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    const int MostVarintBytes = 10;

    ReadOnlySpan<byte> _rest = message;

    public int Field { get; private set; }

    public WireType Type { get; private set; }

    /// <summary>The value of a number: of a varint its 64 bits, of the others theirs, zeros before them.</summary>
    public ulong Bits { get; private set; }

    /// <summary>The value of a text, of bytes, of a message within this one, or of packed numbers.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Moves to the next field.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="RefusedRequestException">The message is broken here.</exception>
    public bool Read()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = Varint(ref _rest);
        (Field, Type) = ((int)(tag >> 3 & 0x1FFF_FFFF), (WireType)(tag & 7));
        switch (Type)
        {
            case WireType.Varint:
                Bits = Varint(ref _rest);
                break;
            case WireType.Fixed64:
                Bits = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
                break;
            case WireType.Fixed32:
                Bits = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
                break;
            case WireType.Bytes:
                Bytes = Take(Varint(ref _rest));
                break;
            default:
                throw Broken($"field {Field} has the wire type {(int)Type}");
        }

        return true;
    }

    /// <summary>Whether this is a field of that number and that way of writing; another way of writing makes it an unknown one.</summary>
    public readonly bool Is(int field, WireType type) => Field == field && Type == type;

    /// <summary>Takes a varint from the front of some bytes.</summary>
    /// <exception cref="RefusedRequestException">It does not end.</exception>
    public static ulong Varint(ref ReadOnlySpan<byte> rest)
    {
        var value = 0UL;
        for (var index = 0; index < rest.Length && index < MostVarintBytes; index++)
        {
            value |= (ulong)(rest[index] & 0x7F) << (7 * index);
            if (rest[index] < 0x80)
            {
                rest = rest[(index + 1)..];
                return value;
            }
        }

        throw Broken("a number does not end");
    }

    ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
        {
            throw Broken($"field {Field} says {length:N0} bytes, and {_rest.Length:N0} follow");
        }

        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    static RefusedRequestException Broken(string found) => new(RequestProblems.BrokenMessage(found));
}
