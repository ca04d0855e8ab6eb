using System.Buffers;
using System.Text;

namespace Capstan.Data;

/// <summary>
/// Writes structures in Thrift's compact protocol, the form of Parquet's headers and footer
/// (Thrift specification, "thrift-compact-protocol.md"): fields in ascending order of their numbers.
/// </summary>
sealed class ThriftWriter(IBufferWriter<byte> target)
{
    const byte True = 1;
    const byte False = 2;
    const byte Int32 = 5;
    const byte Int64 = 6;
    const byte Binary = 8;
    const byte List = 9;
    const byte Structure = 12;

    readonly Stack<int> _outer = [];
    int _lastField;

    public void WriteInt32(int field, int value)
    {
        WriteField(field, Int32);
        WriteZigZag(value);
    }

    public void WriteInt64(int field, long value)
    {
        WriteField(field, Int64);
        WriteZigZag(value);
    }

    public void WriteBoolean(int field, bool value) => WriteField(field, value ? True : False);

    public void WriteText(int field, string value)
    {
        WriteField(field, Binary);
        WriteTextElement(value);
    }

    public void BeginStructure(int field)
    {
        WriteField(field, Structure);
        BeginStructureElement();
    }

    public void BeginStructureList(int field, int count) => BeginList(field, Structure, count);

    public void BeginInt32List(int field, int count) => BeginList(field, Int32, count);

    public void BeginTextList(int field, int count) => BeginList(field, Binary, count);

    public void WriteInt32Element(int value) => WriteZigZag(value);

    public void WriteTextElement(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        WriteVarint((ulong)bytes.Length);
        target.Write(bytes);
    }

    /// <summary>The root, or an element of a list of structures.</summary>
    public void BeginStructureElement()
    {
        _outer.Push(_lastField);
        _lastField = 0;
    }

    public void EndStructure()
    {
        WriteByte(0);
        _lastField = _outer.Pop();
    }

    void BeginList(int field, byte elementType, int count)
    {
        const int LongCount = 15;
        WriteField(field, List);
        WriteByte((byte)(Math.Min(count, LongCount) << 4 | elementType));
        if (count >= LongCount)
        {
            WriteVarint((ulong)count);
        }
    }

    /// <summary>A field's number is told as the difference from the one before; Parquet's are never 16 apart.</summary>
    void WriteField(int field, byte type)
    {
        WriteByte((byte)(field - _lastField << 4 | type));
        _lastField = field;
    }

    void WriteZigZag(long value) => WriteVarint((ulong)(value << 1 ^ value >> 63));

    void WriteVarint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            WriteByte((byte)(value | 0x80));
        }

        WriteByte((byte)value);
    }

    void WriteByte(byte value)
    {
        target.GetSpan(1)[0] = value;
        target.Advance(1);
    }
}
