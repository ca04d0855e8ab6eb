namespace Capstan.Models;

/// <summary>
/// Room for the files of an artifact while it is decoded. One array is kept from artifact to artifact: what a replica reads for
/// a new version would otherwise be garbage of the kind that only a look at all of memory takes away, while requests wait. Nothing that is decoded
/// may keep a part of it. Not thread-safe.
/// </summary>
sealed class ReadBuffer : IDisposable
{
    // Models of tables are smaller; larger ones are rare, and what they leave behind is not worth holding on to.
    const int MostKept = 4 << 20;

    static byte[]? s_kept;

    readonly byte[] _room;
    int _used;

    ReadBuffer(byte[] room) => _room = room;

    public static ReadBuffer Rent() => new(Interlocked.Exchange(ref s_kept, null) ?? []);

    /// <summary>The bytes of a file, valid until this is disposed.</summary>
    /// <exception cref="IOException">It can't be read, or is longer than an array.</exception>
    public ReadOnlyMemory<byte> Read(string path)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        var length = RandomAccess.GetLength(file);
        if (length == 0 || length > Array.MaxLength)
        {
            return File.ReadAllBytes(path); // Empty, of no known length, or too long, of which it knows what to say.
        }

        var bytes = Take((int)length);
        var read = 0;
        while (read < bytes.Length && RandomAccess.Read(file, bytes.Span[read..], read) is > 0 and var count)
        {
            read += count;
        }

        return bytes[..read];
    }

    public void Dispose()
    {
        var enough = _used <= _room.Length ? _room : _used <= MostKept ? GC.AllocateUninitializedArray<byte>(_used) : null;
        if (enough is not null)
        {
            Volatile.Write(ref s_kept, enough);
        }
    }

    Memory<byte> Take(int length)
    {
        var first = _used;
        _used = (int)Math.Min(int.MaxValue, (long)_used + length);
        return first + (long)length <= _room.Length ? _room.AsMemory(first, length) : GC.AllocateUninitializedArray<byte>(length);
    }
}
