using System.Buffers;

namespace Capstan.Data;

/// <summary>A file written aside and renamed at the end, through a buffer of rows as text.</summary>
sealed class AsideFile : IAsyncDisposable
{
    const int FlushBytes = 256 << 10;

    readonly string _path;
    readonly Stream _stream;
    bool _isCompleted;

    /// <param name="create">Creates the stream; tests give one that fails.</param>
    public AsideFile(string path, Func<string, Stream>? create = null)
    {
        _path = path;
        try
        {
            _stream = (create ?? CreateStream)(PartPath);
        }
        catch (Exception cause) when (IsWorldsFault(cause))
        {
            throw new UnwritableFileException(path, cause.Message, cause);
        }
    }

    /// <summary>Rows not written yet.</summary>
    public ArrayBufferWriter<byte> Buffer { get; } = new(FlushBytes + (16 << 10));

    string PartPath => $"{_path}.part";

    /// <summary>Writes the buffer if it is full enough.</summary>
    public ValueTask FlushWhenFullAsync(CancellationToken cancellationToken) =>
        Buffer.WrittenCount < FlushBytes ? ValueTask.CompletedTask : FlushAsync(cancellationToken);

    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isCompleted, this);
        await FlushAsync(cancellationToken);
        try
        {
            await _stream.FlushAsync(cancellationToken);
            await _stream.DisposeAsync();
            File.Move(PartPath, _path, overwrite: true);
            _isCompleted = true;
        }
        catch (Exception cause) when (IsWorldsFault(cause))
        {
            throw new UnwritableFileException(_path, cause.Message, cause);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isCompleted)
        {
            return;
        }

        try
        {
            await _stream.DisposeAsync();
        }
        catch (Exception cause) when (IsWorldsFault(cause))
        {
            // The file is given up anyway; why it failed has been reported by the write.
        }
        finally
        {
            File.Delete(PartPath);
        }
    }

    async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await _stream.WriteAsync(Buffer.WrittenMemory, cancellationToken);
            Buffer.ResetWrittenCount();
        }
        catch (Exception cause) when (IsWorldsFault(cause))
        {
            throw new UnwritableFileException(_path, cause.Message, cause);
        }
    }

    static FileStream CreateStream(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0,
        Options = FileOptions.Asynchronous,
    });

    static bool IsWorldsFault(Exception cause) => cause is IOException or UnauthorizedAccessException;
}
