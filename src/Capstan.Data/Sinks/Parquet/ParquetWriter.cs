using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Capstan.Data;

/// <summary>
/// Writes batches as an Apache Parquet file: row groups of up to 122,880 rows, optional columns, PLAIN pages compressed with
/// gzip; lists by the three levels of Parquet's LIST. Memory: one row group, compressed. Timestamps are microseconds without a
/// time zone. Not thread-safe.
/// </summary>
/// <remarks>
/// <b>Source:</b> Apache Parquet format 2.10 (parquet.thrift, Encodings.md), of which it uses what every reader knows.
/// </remarks>
public sealed class ParquetWriter : IBatchSink
{
    const int RowsPerPage = 8192;
    const int RowsPerGroup = 122_880;
    const long BytesPerGroup = 64L << 20;

    readonly Schema _schema;
    readonly AsideFile _file;
    readonly BatchBuilder _page;
    readonly ImmutableArray<ParquetChunk> _chunks;
    readonly List<ImmutableArray<ParquetChunkPlace>> _groups = [];
    long _position;

    /// <param name="path">Where the file will be.</param>
    /// <param name="schema">The columns of every batch.</param>
    /// <param name="narrow">
    /// Columns whose numbers all are single-precision ones or integers of 32 bits, and are stored as such; null for none.
    /// </param>
    /// <exception cref="UnwritableFileException">The file can't be created.</exception>
    public ParquetWriter(string path, Schema schema, IReadOnlySet<string>? narrow = null)
        : this(schema, narrow, new AsideFile(path))
    {
    }

    internal ParquetWriter(Schema schema, IReadOnlySet<string>? narrow, AsideFile file)
    {
        _schema = schema;
        _file = file;
        _page = new BatchBuilder(schema);
        _chunks = [.. schema.Fields.Select(field => new ParquetChunk(field, narrow?.Contains(field.Name) ?? false))];
        Put("PAR1"u8);
    }

    /// <inheritdoc/>
    /// <exception cref="OverflowException">An integer of a narrow column has more than 32 bits.</exception>
    public async ValueTask WriteAsync(ColumnBatch batch, CancellationToken cancellationToken)
    {
        BatchSchemas.Check(batch, _schema);
        cancellationToken.ThrowIfCancellationRequested();
        _page.AppendRange(batch, 0, batch.RowCount);
        if (_page.Batch.RowCount >= RowsPerPage)
        {
            EndPage();
        }

        if (_chunks.Length > 0 &&
            (_chunks[0].RowCount >= RowsPerGroup || _chunks.Sum(chunk => (long)chunk.Pages.Length) >= BytesPerGroup))
        {
            await EndGroupAsync(cancellationToken);
        }
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        EndPage();
        await EndGroupAsync(cancellationToken);
        WriteFooter();
        await _file.CompleteAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    void EndPage()
    {
        if (_page.Batch.RowCount == 0)
        {
            return;
        }

        for (var index = 0; index < _chunks.Length; index++)
        {
            _chunks[index].AddPage(_page.Columns[index].Column);
        }

        _page.Clear();
    }

    async ValueTask EndGroupAsync(CancellationToken cancellationToken)
    {
        if (_chunks.IsEmpty || _chunks[0].RowCount == 0)
        {
            return;
        }

        var places = ImmutableArray.CreateBuilder<ParquetChunkPlace>(_chunks.Length);
        foreach (var chunk in _chunks)
        {
            places.Add(new ParquetChunkPlace(
                _position, chunk.Pages.Length, chunk.UncompressedBytes, chunk.RowCount, chunk.ValueCount));
            Put(chunk.Pages);
            chunk.Clear();
            await _file.FlushWhenFullAsync(cancellationToken);
        }

        _groups.Add(places.ToImmutable());
    }

    void WriteFooter()
    {
        var footer = new ArrayBufferWriter<byte>();
        ParquetFooter.Write(footer, _chunks, _groups);
        Put(footer.WrittenSpan);
        BinaryPrimitives.WriteInt32LittleEndian(_file.Buffer.GetSpan(sizeof(int)), footer.WrittenCount);
        _file.Buffer.Advance(sizeof(int));
        Put("PAR1"u8);
    }

    void Put(ReadOnlySpan<byte> bytes)
    {
        _file.Buffer.Write(bytes);
        _position += bytes.Length;
    }
}
