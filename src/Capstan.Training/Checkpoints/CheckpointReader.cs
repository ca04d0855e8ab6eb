using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Capstan.Data;

namespace Capstan.Training;

/// <summary>Reads what <see cref="CheckpointWriter"/> wrote: the same fields in the same order, and trusts no length.</summary>
public sealed class CheckpointReader
{
    const string Kind = "checkpoint";

    readonly Stream _stream;
    readonly long _end;

    CheckpointReader(Stream stream) => (_stream, _end) = (stream, stream.Length - SHA256.HashSizeInBytes);

    /// <summary>Verifies a whole file before anything of it is used.</summary>
    /// <exception cref="CorruptStateException">It is no checkpoint, or its bytes are not those that were written.</exception>
    internal static CheckpointReader Open(Stream stream)
    {
        var reader = new CheckpointReader(stream);
        var magic = CheckpointWriter.Magic;
        Span<byte> found = stackalloc byte[magic.Length];
        if (reader._end < magic.Length)
        {
            throw new CorruptStateException(Kind, $"its {stream.Length:N0} bytes are too few");
        }

        stream.ReadExactly(found);
        if (!found.SequenceEqual(magic))
        {
            throw new CorruptStateException(Kind, "it does not begin as a checkpoint of this version does");
        }

        reader.VerifyHash();
        stream.Position = magic.Length;
        return reader;
    }

    public long Number(int tag, long least, long most)
    {
        Span<byte> bytes = stackalloc byte[8];
        Content(tag, CheckpointField.Number, bytes);
        var value = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        return value >= least && value <= most
            ? value
            : throw new CorruptStateException(Kind, $"field {tag} is {value}, expected {least} to {most}");
    }

    public double Double(int tag)
    {
        Span<byte> bytes = stackalloc byte[8];
        Content(tag, CheckpointField.Double, bytes);
        return BinaryPrimitives.ReadDoubleLittleEndian(bytes);
    }

    /// <summary>Fills an array that is as long as the one that was written.</summary>
    public void Floats(int tag, Span<float> values)
    {
        Head(tag, CheckpointField.Floats, values.Length * 4L);
        for (var start = 0; start < values.Length; start += 1 << 20)
        {
            Read(MemoryMarshal.AsBytes(values.Slice(start, Math.Min(1 << 20, values.Length - start))));
        }
    }

    public byte[] Bytes(int tag)
    {
        var bytes = new byte[Head(tag, CheckpointField.Bytes, null)];
        Read(bytes);
        return bytes;
    }

    internal void End()
    {
        if (_stream.Position != _end)
        {
            throw new CorruptStateException(Kind, $"{_end - _stream.Position:N0} bytes follow its last field");
        }
    }

    void VerifyHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(CheckpointWriter.Magic);
        var buffer = new byte[1 << 20];
        while (_stream.Position < _end)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, _end - _stream.Position));
            _stream.ReadExactly(part);
            hash.AppendData(part);
        }

        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        _stream.ReadExactly(expected);
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(expected))
        {
            throw new CorruptStateException(Kind, "its bytes are not those that were written");
        }
    }

    void Content(int tag, CheckpointField kind, Span<byte> content)
    {
        Head(tag, kind, content.Length);
        Read(content);
    }

    /// <param name="length">Null takes any that the file has room for.</param>
    long Head(int tag, CheckpointField kind, long? length)
    {
        Span<byte> head = stackalloc byte[CheckpointWriter.HeadBytes];
        Read(head);
        var (foundTag, foundKind) = (BinaryPrimitives.ReadInt32LittleEndian(head), (CheckpointField)head[4]);
        var foundLength = BinaryPrimitives.ReadInt64LittleEndian(head[5..]);
        return foundTag == tag && foundKind == kind && (length is null || foundLength == length)
            && foundLength >= 0 && foundLength <= Math.Min(_end - _stream.Position, Array.MaxLength * 4L)
            ? foundLength
            : throw new CorruptStateException(
                Kind,
                $"field {foundTag} ({foundKind}, {foundLength:N0} bytes) was found where field {tag} ({kind}, " +
                $"{length?.ToString("N0") ?? "any"} bytes) was expected");
    }

    void Read(Span<byte> bytes)
    {
        if (bytes.Length > _end - _stream.Position)
        {
            throw new CorruptStateException(Kind, "it ends before its last field");
        }

        _stream.ReadExactly(bytes);
    }
}
