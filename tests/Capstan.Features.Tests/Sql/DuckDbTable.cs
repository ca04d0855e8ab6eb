using System.Data.Common;
using Capstan.Data;
using DuckDB.NET.Data;

namespace Capstan.Features.Tests.Sql;

/// <summary>A DuckDB in memory with one table, <c>rows</c>, to run queries on.</summary>
sealed class DuckDbTable : ISqlTable
{
    readonly DuckDBConnection _connection = new("DataSource=:memory:");

    public DuckDbTable(ColumnBatch rows)
    {
        _connection.Open();
        // One thread gives the rows in the table's order.
        Execute("SET threads = 1");
        Execute($"CREATE TABLE rows ({string.Join(", ", rows.Schema.Fields.Select(field => $"\"{field.Name.Replace("\"", "\"\"")}\" {TypeOf(field.Type)}"))})");
        using var appender = _connection.CreateAppender("rows");
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

    public List<object?[]> Query(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        using DbDataReader reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read())
        {
            var values = new object?[reader.FieldCount];
            for (var index = 0; index < values.Length; index++)
            {
                values[index] = reader.IsDBNull(index) ? null : reader.GetValue(index);
            }

            rows.Add(values);
        }

        return rows;
    }

    public void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public void Dispose() => _connection.Dispose();

    static string TypeOf(DataType type) => type switch
    {
        DataType.Int64 => "BIGINT",
        DataType.Float64 => "DOUBLE",
        DataType.Boolean => "BOOLEAN",
        DataType.Text => "VARCHAR",
        _ => "TIMESTAMP",
    };
}
