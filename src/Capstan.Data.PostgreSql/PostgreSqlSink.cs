using System.Buffers;
using Npgsql;

namespace Capstan.Data.PostgreSql;

/// <summary>
/// Writes batches into a new table by binary COPY, all in one transaction: others see the table with all its rows once
/// <see cref="CompleteAsync"/> has come back, and nothing of it if it never does.
/// </summary>
/// <remarks>
/// Columns have the types bigint, double precision, boolean, text, timestamp and text[]. Texts with the character U+0000, which
/// PostgreSQL does not have, are refused by the server.
/// </remarks>
public sealed class PostgreSqlSink : IBatchSink
{
    readonly PostgreSqlAddress _address;
    readonly Schema _schema;
    readonly bool[] _narrow;
    readonly NpgsqlConnection _connection;
    readonly ArrayBufferWriter<byte> _buffer = new();
    NpgsqlRawCopyStream? _stream;

    /// <param name="address">Names the table; nothing is done before the first batch.</param>
    /// <param name="narrow">
    /// Columns whose numbers all are single-precision ones or integers of 32 bits: they become real and integer. Null for none.
    /// </param>
    /// <exception cref="ArgumentException">The address names a query.</exception>
    public PostgreSqlSink(PostgreSqlAddress address, Schema schema, IReadOnlySet<string>? narrow = null)
    {
        if (address.Table is null)
        {
            throw new ArgumentException(
                $"{address} names a query; rows are written into a table (?table=public.predictions).", nameof(address));
        }

        (_address, _schema, _connection) = (address, schema, address.Connection());
        _narrow = [.. schema.Names.Select(name => narrow?.Contains(name) ?? false)];
    }

    /// <inheritdoc/>
    /// <exception cref="UnwritableFileException">The server can't be reached or refuses, or the table exists already.</exception>
    public async ValueTask WriteAsync(ColumnBatch batch, CancellationToken cancellationToken)
    {
        if (!batch.Schema.Equals(_schema))
        {
            throw new ArgumentException($"The batch has the columns {batch.Schema}; the table has {_schema}.", nameof(batch));
        }

        try
        {
            var stream = await BegunAsync(cancellationToken);
            _buffer.ResetWrittenCount();
            CopyWriter.Write(batch, _narrow, _buffer);
            await stream.WriteAsync(_buffer.WrittenMemory, cancellationToken);
        }
        catch (NpgsqlException fault)
        {
            throw DatabaseFaults.Unwritable(_address, fault);
        }
    }

    /// <summary>Makes table and rows visible. Once, after the last batch; without any the table is empty.</summary>
    /// <exception cref="UnwritableFileException">The server can't be reached or refuses the rows.</exception>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        try
        {
            var stream = await BegunAsync(cancellationToken);
            await stream.WriteAsync(CopyWriter.Trailer, cancellationToken);
            _stream = null;
            await stream.DisposeAsync();
            await ExecuteAsync("COMMIT", cancellationToken);
        }
        catch (NpgsqlException fault)
        {
            throw DatabaseFaults.Unwritable(_address, fault);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
        {
            await _stream.CancelAsync();
            await _stream.DisposeAsync();
        }

        // Closing takes back what was not committed.
        await _connection.DisposeAsync();
    }

    async ValueTask<NpgsqlRawCopyStream> BegunAsync(CancellationToken cancellationToken)
    {
        if (_stream is not null)
        {
            return _stream;
        }

        await _connection.OpenAsync(cancellationToken);
        var table = PostgreSqlAddress.QuotedTable(_address.Table!); // the constructor asked for one
        var columns = _schema.Fields.Select(
            (field, index) => $"{PostgreSqlAddress.Quoted(field.Name)} {TypeOf(field.Type, _narrow[index])}");
        await ExecuteAsync($"BEGIN; CREATE TABLE {table} ({string.Join(", ", columns)})", cancellationToken);
        _stream = await _connection.BeginRawBinaryCopyAsync($"COPY {table} FROM STDIN (FORMAT binary)", cancellationToken);
        await _stream.WriteAsync(CopyWriter.Header, cancellationToken);
        return _stream;
    }

    async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static string TypeOf(DataType type, bool isNarrow) => type switch
    {
        DataType.Int64 => isNarrow ? "integer" : "bigint",
        DataType.Float64 => isNarrow ? "real" : "double precision",
        DataType.Boolean => "boolean",
        DataType.Timestamp => "timestamp",
        DataType.TextList => "text[]",
        _ => "text",
    };
}
