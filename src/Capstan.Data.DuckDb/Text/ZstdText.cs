using ZstdSharp;

namespace Capstan.Data.DuckDb;

/// <summary>Decompresses zstd, and tells damage in one way, as <see cref="GzipText"/> does.</summary>
sealed class ZstdText(Stream compressed) : ForwardStream
{
    readonly DecompressionStream _stream = new(compressed, checkEndOfStream: true, leaveOpen: false);

    /// <exception cref="InvalidDataException">The data is damaged or ends too early.</exception>
    public override int Read(Span<byte> buffer)
    {
        try
        {
            return _stream.Read(buffer);
        }
        catch (EndOfStreamException cause)
        {
            throw new InvalidDataException("The zstd data ends too early.", cause);
        }
        catch (ZstdException cause)
        {
            throw new InvalidDataException($"The zstd data is damaged: {cause.Message.TrimEnd('.')}.", cause);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
        }

        base.Dispose(disposing);
    }
}
