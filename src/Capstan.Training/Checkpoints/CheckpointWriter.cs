using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Capstan.Training;

/// <summary>What a field of a checkpoint holds. The numbers are written into files and never reused.</summary>
enum CheckpointField : byte
{
    Number = 1,
    Double = 2,
    Floats = 3,
    Bytes = 4,
}

/// <summary>
/// Writes a checkpoint field by field, straight to its file: a learner's arrays are never copied. A field is its tag (4 bytes), its
/// kind (1), its length (8) and its content, little-endian; the SHA-256 of everything ends the file.
/// </summary>
public sealed class CheckpointWriter
{
    internal const int HeadBytes = 4 + 1 + 8;

    readonly Stream _stream;
    readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    internal CheckpointWriter(Stream stream)
    {
        _stream = stream;
        Write(Magic);
    }

    /// <summary>The last character is the format's version.</summary>
    internal static ReadOnlySpan<byte> Magic => "CAPSCKP1"u8;

    public void Number(int tag, long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        Field(tag, CheckpointField.Number, bytes);
    }

    /// <summary>Any value, with its bits.</summary>
    public void Double(int tag, double value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        Field(tag, CheckpointField.Double, bytes);
    }

    /// <summary>Little-endian, as every machine .NET runs on holds them.</summary>
    public void Floats(int tag, ReadOnlySpan<float> values)
    {
        Head(tag, CheckpointField.Floats, values.Length * 4L);

        // Its bytes may be more than one span can have.
        for (var start = 0; start < values.Length; start += 1 << 20)
        {
            Write(MemoryMarshal.AsBytes(values.Slice(start, Math.Min(1 << 20, values.Length - start))));
        }
    }

    public void Bytes(int tag, ReadOnlySpan<byte> value) => Field(tag, CheckpointField.Bytes, value);

    internal void End()
    {
        _stream.Write(_hash.GetHashAndReset());
        _hash.Dispose();
    }

    void Field(int tag, CheckpointField kind, ReadOnlySpan<byte> content)
    {
        Head(tag, kind, content.Length);
        Write(content);
    }

    void Head(int tag, CheckpointField kind, long length)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteInt32LittleEndian(head, tag);
        head[4] = (byte)kind;
        BinaryPrimitives.WriteInt64LittleEndian(head[5..], length);
        Write(head);
    }

    void Write(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        _stream.Write(bytes);
    }
}
