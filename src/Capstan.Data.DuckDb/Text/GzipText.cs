using System.IO.Compression;

namespace Capstan.Data.DuckDb;

/// <summary>Decompresses gzip and notices where it ends too early.</summary>
/// <remarks>
/// <see cref="GZipStream"/> takes a truncated file for one that ends. So we let it read one more member of our own behind
/// the file (gzip files may be joined): only if the file is complete does the text end with that member's.
/// </remarks>
sealed class GzipText : ForwardStream
{
    static readonly byte[] Mark = "\u0003capstan: end\u0004"u8.ToArray();

    readonly GZipStream _stream;
    readonly byte[] _bytes = new byte[64 << 10];
    int _start;
    int _end;
    bool _isAtEnd;

    public GzipText(Stream compressed) =>
        _stream = new GZipStream(new JoinedStream(compressed, new MemoryStream(CompressedMark())), CompressionMode.Decompress);

    /// <exception cref="InvalidDataException">The data is damaged or ends too early.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (_end - _start <= Mark.Length && !_isAtEnd)
        {
            Fill();
        }

        var count = Math.Min(buffer.Length, Math.Max(0, _end - _start - Mark.Length));
        _bytes.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
        }

        base.Dispose(disposing);
    }

    void Fill()
    {
        _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
        _end -= _start;
        _start = 0;
        var count = _stream.Read(_bytes.AsSpan(_end));
        _end += count;
        _isAtEnd = count == 0;
        if (_isAtEnd && !_bytes.AsSpan(0, _end).SequenceEqual(Mark))
        {
            throw new InvalidDataException("The gzip data ends too early.");
        }
    }

    static byte[] CompressedMark()
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest))
        {
            gzip.Write(Mark);
        }

        return target.ToArray();
    }
}
