using Npgsql;

namespace Capstan.Data.PostgreSql;

/// <summary>One running COPY to this program, on a connection of its own.</summary>
sealed class PostgreSqlCopy : IAsyncDisposable
{
    readonly NpgsqlConnection _connection;
    readonly NpgsqlRawCopyStream _stream;

    PostgreSqlCopy(NpgsqlConnection connection, NpgsqlRawCopyStream stream)
    {
        (_connection, _stream) = (connection, stream);
        Rows = new CopyReader(stream);
    }

    public CopyReader Rows { get; }

    public static async Task<PostgreSqlCopy> OpenAsync(
        PostgreSqlSnapshot snapshot, string sql, CancellationToken cancellationToken)
    {
        var connection = await snapshot.ConnectAsync(cancellationToken);
        try
        {
            return new PostgreSqlCopy(connection, await connection.BeginRawBinaryCopyAsync(sql, cancellationToken));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!Rows.IsAtEnd)
        {
            // Closing alone would read all rows to the end first.
            await _stream.CancelAsync();
        }

        await _stream.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
