using System.Data.Common;

namespace Capstan.Features.Tests.Sql;

/// <summary>A database with one table, <c>rows</c>, to run queries on.</summary>
abstract class SqlTable(DbConnection connection) : IDisposable
{
    /// <summary>All values, row by row.</summary>
    public List<object?[]> Query(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
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
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public void Dispose() => connection.Dispose();

    protected static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"")}\"";
}
