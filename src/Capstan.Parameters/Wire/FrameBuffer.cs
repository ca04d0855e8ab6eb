using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Capstan.Parameters;

/// <summary>
/// The content of a frame, being written or read, in pinned memory that grows to the largest frame and is used again. Reading
/// checks every length against what is there. The head of the frame has its place before the content, so that both are sent at once.
/// </summary>
sealed class FrameBuffer
{
    const int Head = FrameHeader.Bytes;

    byte[] _bytes = GC.AllocateUninitializedArray<byte>(1 << 12, pinned: true);
    int _read;

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Content => _bytes.AsSpan(Head, Length);

    /// <summary>Content not read yet.</summary>
    public int Left => Length - _read;

    public void Clear() => (Length, _read) = (0, 0);

    public void Rewind() => _read = 0;

    /// <summary>Forgets what was written after so much content.</summary>
    public void CutTo(int length) => Length = Math.Min(Length, length);

    /// <summary>A head and the content behind it, as they travel.</summary>
    public ReadOnlySpan<byte> Framed(in FrameHeader header)
    {
        MemoryMarshal.Write(_bytes, header);
        return _bytes.AsSpan(0, Head + Length);
    }

    /// <summary>Makes room for so many more bytes, which the caller fills.</summary>
    public Span<byte> Append(int count)
    {
        var end = checked(Head + Length + count);
        if (end > _bytes.Length)
        {
            var larger = GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, Math.Max(end, 2L * _bytes.Length)), pinned: true);
            Content.CopyTo(larger.AsSpan(Head));
            _bytes = larger;
        }

        Length = end - Head;
        return _bytes.AsSpan(end - count, count);
    }

    public void Write<T>(T value)
        where T : unmanaged => MemoryMarshal.Write(Append(Unsafe.SizeOf<T>()), value);

    public void Write<T>(ReadOnlySpan<T> values)
        where T : unmanaged => MemoryMarshal.AsBytes(values).CopyTo(Append(checked(values.Length * Unsafe.SizeOf<T>())));

    /// <summary>Room for so many values, which the caller fills before anything else is written.</summary>
    public Span<T> AppendSpan<T>(int count)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Append(checked(count * Unsafe.SizeOf<T>())));

    public void WriteText(string text)
    {
        Write(Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, Append(Encoding.UTF8.GetByteCount(text)));
    }

    /// <summary>Overwrites a number written before.</summary>
    public void Patch(int position, int value) => MemoryMarshal.Write(_bytes.AsSpan(Head + position), value);

    public T Read<T>()
        where T : unmanaged => MemoryMarshal.Read<T>(Take(Unsafe.SizeOf<T>()));

    /// <summary>Values where they lie, until the buffer is used again.</summary>
    public Span<T> Read<T>(int count)
        where T : unmanaged
    {
        if (count < 0 || count > Left / Unsafe.SizeOf<T>())
        {
            throw new FrameException($"{count:N0} values were announced, and {Left:N0} bytes are left");
        }

        return MemoryMarshal.Cast<byte, T>(Take(count * Unsafe.SizeOf<T>()));
    }

    public string ReadText()
    {
        var length = Read<int>();
        return Encoding.UTF8.GetString(Read<byte>(length));
    }

    public bool IsAtEnd => _read == Length;

    Span<byte> Take(int count)
    {
        if (count > Left)
        {
            throw new FrameException($"{count:N0} bytes were expected, and {Left:N0} are left");
        }

        _read += count;
        return _bytes.AsSpan(Head + _read - count, count);
    }
}

/// <summary>A frame is not what it should be; the connection that it came by is dropped.</summary>
sealed class FrameException(string problem) : Exception($"A frame is damaged or not ours: {problem}. The connection is dropped.");
