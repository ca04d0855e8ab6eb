using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace Capstan.Data.Arrow;

/// <summary>
/// Writes batches as an Apache Arrow IPC file ("Feather version 2"), uncompressed, so that others can map it into memory.
/// Timestamps are microseconds without a time zone. Memory: one record batch. Not thread-safe.
/// </summary>
public sealed class ArrowWriter : IBatchSink
{
    const int RowsPerBatch = 32_768;

    readonly Schema _schema;
    readonly AsideFile _file;
    readonly bool[] _isNarrow;
    readonly Apache.Arrow.Schema _arrowSchema;
    readonly ArrowFileWriter _writer;
    readonly BatchBuilder _pending;

    /// <param name="path">Where the file will be.</param>
    /// <param name="schema">The columns of every batch.</param>
    /// <param name="narrow">
    /// Columns whose numbers all are single-precision ones or integers of 32 bits, and are stored as such; null for none.
    /// </param>
    /// <exception cref="UnwritableFileException">The file can't be created.</exception>
    public ArrowWriter(string path, Schema schema, IReadOnlySet<string>? narrow = null)
    {
        _schema = schema;
        _file = new AsideFile(path);
        _isNarrow = [.. schema.Names.Select(name => narrow?.Contains(name) ?? false)];
        _arrowSchema = new Apache.Arrow.Schema(
            schema.Fields.Select((field, index) =>
                new Apache.Arrow.Field(field.Name, ArrowTypes.Of(field.Type, _isNarrow[index]), nullable: true)),
            metadata: null);
        _writer = new ArrowFileWriter(new AsideStream(_file), _arrowSchema, leaveOpen: true);
        _pending = new BatchBuilder(schema);
    }

    /// <inheritdoc/>
    /// <exception cref="OverflowException">An integer of a narrow column has more than 32 bits.</exception>
    public async ValueTask WriteAsync(ColumnBatch batch, CancellationToken cancellationToken)
    {
        BatchSchemas.Check(batch, _schema);
        cancellationToken.ThrowIfCancellationRequested();
        _pending.AppendRange(batch, 0, batch.RowCount);
        if (_pending.Batch.RowCount >= RowsPerBatch)
        {
            await WritePendingAsync(cancellationToken);
        }
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        if (_pending.Batch.RowCount > 0)
        {
            await WritePendingAsync(cancellationToken);
        }

        await _writer.WriteStartAsync(cancellationToken);
        await _writer.WriteEndAsync(cancellationToken);
        await _file.CompleteAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _writer.Dispose();
        await _file.DisposeAsync();
    }

    async ValueTask WritePendingAsync(CancellationToken cancellationToken)
    {
        var arrays = _pending.Columns.Select((builder, index) => ArrayOf(builder.Column, _isNarrow[index]));
        using (var batch = new RecordBatch(_arrowSchema, arrays, _pending.Batch.RowCount))
        {
            await _writer.WriteRecordBatchAsync(batch, cancellationToken);
        }

        _pending.Clear();
        await _file.FlushWhenFullAsync(cancellationToken);
    }

    static IArrowArray ArrayOf(Column column, bool isNarrow)
    {
        var (length, missing) = (column.Length, column.MissingCount);
        var validity = missing == 0 ? ArrowBuffer.Empty : Copy(column.Validity);
        return column.Type switch
        {
            DataType.Int64 when isNarrow => new Int32Array(
                Copy<int>(System.Array.ConvertAll(column.Int64s.ToArray(), value => checked((int)value))), validity, length,
                missing, 0),
            DataType.Int64 => new Int64Array(Copy(column.Int64s), validity, length, missing, 0),
            DataType.Float64 when isNarrow => new FloatArray(
                Copy<float>(System.Array.ConvertAll(column.Float64s.ToArray(), value => (float)value)), validity, length, missing,
                0),
            DataType.Float64 => new DoubleArray(Copy(column.Float64s), validity, length, missing, 0),
            DataType.Boolean => new BooleanArray(Copy(column.Booleans), validity, length, missing, 0),
            DataType.Text => new StringArray(length, Copy(column.TextOffsets), Copy(column.TextBytes), validity, missing),
            DataType.TextList => new ListArray(
                ArrowTypes.Of(column.Type, false), length, Copy(column.ListOffsets), ArrayOf(column.Items, false), validity,
                missing),
            _ => new TimestampArray(
                (TimestampType)ArrowTypes.Of(column.Type, false), Copy(column.Int64s), validity, length, missing, 0),
        };
    }

    static ArrowBuffer Copy<T>(ReadOnlySpan<T> values)
        where T : unmanaged => new(MemoryMarshal.AsBytes(values).ToArray());
}
