using Capstan.Data;
using Npgsql;
using NpgsqlTypes;

namespace Capstan.Features.Tests.Sql;

/// <summary>The test run's own PostgreSQL, with a table that only this connection sees.</summary>
sealed class PostgreSqlTable : SqlTable
{
    static readonly long Year2000 = Timestamps.FromDateTime(new DateTime(2000, 1, 1));

    public PostgreSqlTable(ColumnBatch rows)
        : this(rows, new NpgsqlConnection(PostgreSqlServer.Shared.ConnectionString))
    {
    }

    PostgreSqlTable(ColumnBatch rows, NpgsqlConnection connection)
        : base(connection)
    {
        connection.Open();
        Execute($"CREATE TEMPORARY TABLE rows ({string.Join(", ", rows.Schema.Fields.Select(field => $"{Quoted(field.Name)} {TypeOf(field.Type)}"))})");
        using var writer = connection.BeginBinaryImport("COPY rows FROM STDIN (FORMAT binary)");
        for (var row = 0; row < rows.RowCount; row++)
        {
            writer.StartRow();
            foreach (var field in rows.Schema.Fields)
            {
                Write(writer, rows[field.Name], row);
            }
        }

        writer.Complete();
    }

    static void Write(NpgsqlBinaryImporter writer, Column column, int row)
    {
        switch (column.ValueAt(row))
        {
            case null:
                writer.WriteNull();
                break;
            // As DateTime the year 1 would become -infinity.
            case DateTime:
                writer.Write(column.Int64s[row] - Year2000, NpgsqlDbType.Timestamp);
                break;
            case var value:
                writer.Write(value);
                break;
        }
    }

    static string TypeOf(DataType type) => type switch
    {
        DataType.Int64 => "bigint",
        DataType.Float64 => "double precision",
        DataType.Boolean => "boolean",
        DataType.Text => "text",
        _ => "timestamp",
    };
}
