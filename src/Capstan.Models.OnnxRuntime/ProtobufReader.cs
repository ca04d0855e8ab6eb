using System.Text;

namespace Capstan.Models.OnnxRuntime;

/// <summary>Reads a protobuf message field by field; what nobody asks for is passed over.</summary>
/// <remarks>Source: "Protocol Buffers: Encoding", protobuf.dev.</remarks>
ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    ReadOnlySpan<byte> _rest = message;

    /// <summary>The number of the field at hand.</summary>
    public int Field { get; private set; }

    /// <summary>The field's value, if it is a number without a fixed size.</summary>
    public long Number { get; private set; }

    /// <summary>The field's value, if it is bytes, a text or a message; a fixed-size number's bytes.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    public readonly string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>Goes to the next field.</summary>
    /// <exception cref="FormatException">The bytes are no message, or cut off.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = Varint();
        (Field, Number) = ((int)(tag >> 3), 0);
        Bytes = default;
        switch (tag & 7)
        {
            case 0:
                Number = (long)Varint();
                break;
            case 1:
                Bytes = Take(8);
                break;
            case 2:
                Bytes = Take(Varint());
                break;
            case 5:
                Bytes = Take(4);
                break;
            default:
                throw new FormatException($"Field {Field} has the unknown wire type {tag & 7}.");
        }

        return true;
    }

    /// <summary>A repeated number: one by itself, or several packed into one field.</summary>
    public readonly void AddNumbers(List<long> numbers)
    {
        if (Bytes.IsEmpty)
        {
            numbers.Add(Number);
            return;
        }

        var packed = new ProtobufReader(Bytes);
        while (!packed._rest.IsEmpty)
        {
            numbers.Add((long)packed.Varint());
        }
    }

    ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
        {
            throw new FormatException($"Field {Field} has {length:N0} bytes, and {_rest.Length:N0} are left.");
        }

        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    ulong Varint()
    {
        var value = 0UL;
        for (var index = 0; index < 10 && index < _rest.Length; index++)
        {
            value |= (ulong)(_rest[index] & 0x7F) << (7 * index);
            if (_rest[index] < 0x80)
            {
                _rest = _rest[(index + 1)..];
                return value;
            }
        }

        throw new FormatException("A number has no end.");
    }
}
