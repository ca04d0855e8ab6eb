namespace Capstan.Data;

/// <summary>
/// Takes batches into a file. What is written lies aside (<c>NAME.part</c>) until <see cref="CompleteAsync"/> gives it its
/// name; disposing of a sink that was not completed removes it, so that nobody sees half a file.
/// </summary>
public interface IBatchSink : IAsyncDisposable
{
    /// <summary>Writes a batch's rows, which may be refilled afterwards.</summary>
    /// <exception cref="ArgumentException">The batch has another schema than the sink.</exception>
    /// <exception cref="UnwritableFileException">The disk is full or the file may not be written.</exception>
    ValueTask WriteAsync(ColumnBatch batch, CancellationToken cancellationToken);

    /// <summary>
    /// Writes out what is left and gives the file its name, replacing one that has it. Once, after the last batch.
    /// </summary>
    /// <exception cref="UnwritableFileException">The disk is full or the file may not be written.</exception>
    ValueTask CompleteAsync(CancellationToken cancellationToken);
}
