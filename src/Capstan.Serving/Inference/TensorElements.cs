using System.Buffers.Binary;

namespace Capstan.Serving;

/// <summary>
/// The elements of a tensor in a protobuf message, one after the other, whichever way they came: raw, or as the repeated field of their type,
/// packed or not.
/// </summary>
/// <remarks>Source: kserve/open-inference-protocol, specification/protocol/inference_grpc.md, "Tensor Data".</remarks>
ref struct TensorElements
{
    readonly ElementType _type;
    readonly bool _isRaw;

    // Of typed elements: the message with their fields, and what is left of the packed field that is being read.
    ProtobufReader _contents;
    ReadOnlySpan<byte> _rest;

    TensorElements(ElementType type, bool isRaw, ReadOnlySpan<byte> rest, ReadOnlySpan<byte> contents)
    {
        (_type, _isRaw) = (type, isRaw);
        _rest = rest;
        _contents = new ProtobufReader(contents);
    }

    /// <param name="bytes">Little-endian, row-major, without padding; texts each after its length in 4 bytes.</param>
    public static TensorElements Raw(ElementType type, ReadOnlySpan<byte> bytes) => new(type, isRaw: true, bytes, []);

    /// <param name="contents">A message InferTensorContents.</param>
    public static TensorElements Typed(ElementType type, ReadOnlySpan<byte> contents) => new(type, isRaw: false, [], contents);

    /// <summary>Takes the next number or truth; integers with their sign in all 64 bits.</summary>
    /// <returns>False where there is none.</returns>
    /// <exception cref="RefusedRequestException">The message is broken here.</exception>
    public bool TryNext(out ulong bits)
    {
        if (_isRaw)
        {
            return TryNextRaw(out bits);
        }

        while (_rest.IsEmpty)
        {
            if (!_contents.Read())
            {
                bits = 0;
                return false;
            }

            if (_contents.Field == _type.ContentsField)
            {
                if (_contents.Type != WireType.Bytes)
                {
                    bits = _contents.Bits;
                    return true;
                }

                _rest = _contents.Bytes;
            }
        }

        if (_type.IsVarint)
        {
            bits = ProtobufReader.Varint(ref _rest);
            return true;
        }

        return TryNextRaw(out bits);
    }

    /// <summary>Takes the next text.</summary>
    /// <returns>False where there is none.</returns>
    /// <exception cref="RefusedRequestException">The message is broken here.</exception>
    public bool TryNext(out ReadOnlySpan<byte> text)
    {
        text = [];
        if (!_isRaw)
        {
            while (_contents.Read())
            {
                if (_contents.Is(_type.ContentsField, WireType.Bytes))
                {
                    text = _contents.Bytes;
                    return true;
                }
            }

            return false;
        }

        if (_rest.Length < sizeof(int) || BinaryPrimitives.ReadUInt32LittleEndian(_rest) > _rest.Length - sizeof(int))
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(_rest);
        text = _rest.Slice(sizeof(int), length);
        _rest = _rest[(sizeof(int) + length)..];
        return true;
    }

    /// <summary>Whether nothing is left; only asked after the last element.</summary>
    public bool IsAtEnd() => _isRaw ? _rest.IsEmpty : _type.IsText ? !TryNext(out ReadOnlySpan<byte> _) : !TryNext(out ulong _);

    bool TryNextRaw(out ulong bits)
    {
        bits = 0;
        if (_rest.Length < _type.Bytes)
        {
            _rest = _isRaw ? _rest : [];
            return false;
        }

        bits = _type.Read(_rest);
        _rest = _rest[_type.Bytes..];
        return true;
    }
}
