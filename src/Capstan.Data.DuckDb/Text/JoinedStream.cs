namespace Capstan.Data.DuckDb;

/// <summary>One stream, then another.</summary>
sealed class JoinedStream(Stream first, Stream second) : ForwardStream
{
    bool _isFirstRead;

    public override int Read(Span<byte> buffer)
    {
        var count = _isFirstRead ? 0 : first.Read(buffer);
        _isFirstRead |= count == 0 && !buffer.IsEmpty;
        return _isFirstRead ? second.Read(buffer) : count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            first.Dispose();
            second.Dispose();
        }

        base.Dispose(disposing);
    }
}
