using DuckDB.NET.Native;

namespace Capstan.Data.DuckDb;

/// <summary>The rows of a running query, chunk by chunk (2,048 rows at most), through DuckDB's streaming C interface.</summary>
sealed class DuckDbRows : IDisposable
{
    readonly DuckDBPreparedStatement _statement;
    DuckDBResult _result;
    DuckDBDataChunk? _chunk;
    bool _isAtEnd;

    /// <exception cref="DuckDbException">The query can't be planned or started.</exception>
    public DuckDbRows(DuckDBNativeConnection connection, string sql)
    {
        var state = NativeMethods.PreparedStatements.DuckDBPrepare(connection, sql, out _statement);
        try
        {
            if (state != DuckDBState.Success)
            {
                throw new DuckDbException(NativeMethods.PreparedStatements.DuckDBPrepareError(_statement));
            }

            state = NativeMethods.PreparedStatements.DuckDBExecutePreparedStreaming(_statement, out _result);
            if (state != DuckDBState.Success)
            {
                var problem = NativeMethods.Query.DuckDBResultError(ref _result);
                NativeMethods.Query.DuckDBDestroyResult(ref _result);
                throw new DuckDbException(problem);
            }
        }
        catch
        {
            _statement.Dispose();
            throw;
        }
    }

    /// <summary>The rows of the current chunk.</summary>
    public int RowCount { get; private set; }

    public DuckDBType TypeOf(int column) => NativeMethods.Query.DuckDBColumnType(ref _result, column);

    /// <summary>Goes to the next chunk; the one before is gone.</summary>
    /// <exception cref="DuckDbException">The query failed on the way.</exception>
    public bool MoveNext()
    {
        // A result that has ended must not be asked again: the engine takes that for an error.
        if (_isAtEnd)
        {
            return false;
        }

        _chunk?.Dispose();
        _chunk = NativeMethods.StreamingResult.DuckDBStreamFetchChunk(_result);
        RowCount = _chunk.IsInvalid ? 0 : (int)NativeMethods.DataChunks.DuckDBDataChunkGetSize(_chunk);
        if (RowCount > 0)
        {
            return true;
        }

        _isAtEnd = true;
        var problem = NativeMethods.Query.DuckDBResultError(ref _result);
        return string.IsNullOrEmpty(problem) ? false : throw new DuckDbException(problem);
    }

    /// <summary>One column of the current chunk.</summary>
    public DuckDbVector Column(int column) =>
        new(NativeMethods.DataChunks.DuckDBDataChunkGetVector(_chunk!, column), RowCount); // there is a chunk after MoveNext

    public void Dispose()
    {
        _chunk?.Dispose();
        NativeMethods.Query.DuckDBDestroyResult(ref _result);
        _statement.Dispose();
    }
}
