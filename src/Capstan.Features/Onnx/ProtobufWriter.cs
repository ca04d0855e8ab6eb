using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Capstan.Features;

/// <summary>
/// The part of the protobuf wire format that ONNX files need: varints, 32-bit numbers, and length-delimited bytes, text and
/// messages.
/// </summary>
/// <remarks>
/// Source: "Protocol Buffers: Encoding", protobuf.dev. Our own, because a general library would bring generated code for one
/// write.
/// </remarks>
sealed class ProtobufWriter
{
    readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public void Number(int field, long value)
    {
        Tag(field, 0);
        Varint((ulong)value);
    }

    public void Single(int field, float value)
    {
        Tag(field, 5);
        BinaryPrimitives.WriteSingleLittleEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
    }

    public void Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, 2);
        Varint((ulong)value.Length);
        _bytes.Write(value);
    }

    public void Message(int field, Action<ProtobufWriter> write)
    {
        var message = new ProtobufWriter();
        write(message);
        Bytes(field, message.Written);
    }

    void Tag(int field, int wireType) => Varint((ulong)(field << 3 | wireType));

    void Varint(ulong value)
    {
        var target = _bytes.GetSpan(10);
        var length = 0;
        while (value >= 0x80)
        {
            target[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[length++] = (byte)value;
        _bytes.Advance(length);
    }
}
