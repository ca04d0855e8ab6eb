using System.Buffers.Binary;

namespace Capstan.Serving;

/// <summary>A type of tensor elements as protobuf messages carry it.</summary>
sealed class ElementType
{
    static readonly ElementType[] All =
    [
        new("BOOL", bytes: 1, field: 1, isVarint: true),
        new("INT8", bytes: 1, field: 2, isVarint: true, isSigned: true),
        new("INT16", bytes: 2, field: 2, isVarint: true, isSigned: true),
        new("INT32", bytes: 4, field: 2, isVarint: true, isSigned: true),
        new("INT64", bytes: 8, field: 3, isVarint: true, isSigned: true),
        new("UINT8", bytes: 1, field: 4, isVarint: true),
        new("UINT16", bytes: 2, field: 4, isVarint: true),
        new("UINT32", bytes: 4, field: 4, isVarint: true),
        new("UINT64", bytes: 8, field: 5, isVarint: true),
        new("FP32", bytes: 4, field: 6, isFloating: true),
        new("FP64", bytes: 8, field: 7, isFloating: true),
        new("BYTES", bytes: 0, field: 8),

        // Raw only: the protocol has no field for it.
        new("FP16", bytes: 2, field: 0, isFloating: true),
    ];

    readonly byte[] _utf8;
    readonly bool _isSigned;

    ElementType(string name, int bytes, int field, bool isVarint = false, bool isSigned = false, bool isFloating = false)
    {
        (Name, Bytes, ContentsField, IsVarint, _isSigned, IsFloating) = (name, bytes, field, isVarint, isSigned, isFloating);
        _utf8 = System.Text.Encoding.UTF8.GetBytes(name);
    }

    /// <summary>As the protocol has it: "FP64".</summary>
    public string Name { get; }

    /// <summary>Of a raw element; 0 for texts.</summary>
    public int Bytes { get; }

    /// <summary>The number of the field of InferTensorContents; 0 for none.</summary>
    public int ContentsField { get; }

    /// <summary>Whether that field holds varints; otherwise the elements are as they are raw.</summary>
    public bool IsVarint { get; }

    public bool IsFloating { get; }

    public bool IsText => Bytes == 0;

    public static ElementType? Find(ReadOnlySpan<byte> name)
    {
        foreach (var type in All)
        {
            if (name.SequenceEqual(type._utf8))
            {
                return type;
            }
        }

        return null;
    }

    /// <summary>The bits of a raw element; of a signed integer its sign in all of them.</summary>
    public ulong Read(ReadOnlySpan<byte> raw) => (Bytes, _isSigned) switch
    {
        (1, false) => raw[0],
        (1, true) => (ulong)(sbyte)raw[0],
        (2, false) => BinaryPrimitives.ReadUInt16LittleEndian(raw),
        (2, true) => (ulong)BinaryPrimitives.ReadInt16LittleEndian(raw),
        (4, false) => BinaryPrimitives.ReadUInt32LittleEndian(raw),
        (4, true) => (ulong)BinaryPrimitives.ReadInt32LittleEndian(raw),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(raw),
    };

    /// <summary>An element as a double; of an integer beyond 53 bits the nearest.</summary>
    public double ToDouble(ulong bits) => (IsFloating, Bytes) switch
    {
        (true, 2) => (double)BitConverter.UInt16BitsToHalf((ushort)bits),
        (true, 4) => BitConverter.UInt32BitsToSingle((uint)bits),
        (true, _) => BitConverter.UInt64BitsToDouble(bits),
        _ => _isSigned ? (long)bits : bits,
    };

    /// <returns>False where it is beyond 64 bits with a sign.</returns>
    public bool TryToInteger(ulong bits, out long integer)
    {
        integer = (long)bits;
        return _isSigned || integer >= 0;
    }
}
