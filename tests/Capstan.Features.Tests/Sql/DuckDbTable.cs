using Capstan.Data;
using DuckDB.NET.Data;

namespace Capstan.Features.Tests.Sql;

/// <summary>A DuckDB in memory with one table, <c>rows</c>, to run queries on.</summary>
sealed class DuckDbTable : SqlTable
{
    public DuckDbTable(ColumnBatch rows)
        : this(rows, new DuckDBConnection("DataSource=:memory:"))
    {
    }

    DuckDbTable(ColumnBatch rows, DuckDBConnection connection)
        : base(connection)
    {
        connection.Open();
        // One thread gives the rows in the table's order.
        Execute("SET threads = 1");
        Execute($"CREATE TABLE rows ({string.Join(", ", rows.Schema.Fields.Select(field => $"{Quoted(field.Name)} {TypeOf(field.Type)}"))})");
        using var appender = connection.CreateAppender("rows");
        for (var row = 0; row < rows.RowCount; row++)
        {
            var target = appender.CreateRow();
            foreach (var field in rows.Schema.Fields)
            {
                _ = rows[field.Name].ValueAt(row) switch
                {
                    null => target.AppendNullValue(),
                    long integer => target.AppendValue(integer),
                    double number => target.AppendValue(number),
                    bool truth => target.AppendValue(truth),
                    string text => target.AppendValue(text),
                    DateTime time => target.AppendValue(time),
                    var other => throw new InvalidOperationException($"{other}"),
                };
            }

            target.EndRow();
        }
    }

    static string TypeOf(DataType type) => type switch
    {
        DataType.Int64 => "BIGINT",
        DataType.Float64 => "DOUBLE",
        DataType.Boolean => "BOOLEAN",
        DataType.Text => "VARCHAR",
        _ => "TIMESTAMP",
    };
}
