namespace Capstan.Data.DuckDb;

/// <summary>
/// A window that slides over a file's bytes: what is unread lies in one piece, and more is read on demand. Both text readers
/// cut their records out of it without copying them.
/// </summary>
sealed class TextWindow(Stream stream, string name) : IDisposable
{
    /// <summary>A record longer than this is taken for broken: no row of data is, a forgotten quote soon leads to one.</summary>
    public const int MaxRecordBytes = 4 << 20;

    byte[] _bytes = new byte[256 << 10];
    long _windowStart = stream.CanSeek ? stream.Position : 0;
    int _start;
    int _end;

    /// <summary>Whether the file has no bytes beyond <see cref="Unread"/>.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Where <see cref="Unread"/> starts in the file's text.</summary>
    public long Position => _windowStart + _start;

    public ReadOnlySpan<byte> Unread => _bytes.AsSpan(_start, _end - _start);

    public void Consume(int count) => _start += count;

    /// <summary>Lengthens <see cref="Unread"/>, whose start stays.</summary>
    /// <returns>
    /// False where nothing more came: the file's end, or a record of <see cref="MaxRecordBytes"/> already fills the window.
    /// </returns>
    public bool Extend()
    {
        if (IsAtEnd || _end - _start >= MaxRecordBytes)
        {
            return false;
        }

        if (_start > 0)
        {
            _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
            _windowStart += _start;
            _end -= _start;
            _start = 0;
        }

        if (_end == _bytes.Length)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }

        var count = Read(_bytes.AsSpan(_end));
        _end += count;
        IsAtEnd = count == 0;
        return count > 0;
    }

    /// <summary>Gives up a line however long it is, in pieces, so that memory stays bounded.</summary>
    public void SkipLine()
    {
        while (true)
        {
            var end = Unread.IndexOf((byte)'\n');
            Consume(end >= 0 ? end + 1 : Unread.Length);
            if (end >= 0 || !Extend())
            {
                return;
            }
        }
    }

    public void Dispose() => stream.Dispose();

    int Read(Span<byte> target)
    {
        try
        {
            return stream.Read(target);
        }
        catch (Exception cause) when (cause is IOException or InvalidDataException)
        {
            throw new UnreadableDataException(name,
                $"reading broke off ({cause.Message}); the file may be truncated or damaged.", cause);
        }
    }
}
