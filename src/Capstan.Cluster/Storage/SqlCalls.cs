using System.Data.Common;

namespace Capstan.Cluster;

/// <summary>Statements with named values, one line each.</summary>
static class SqlCalls
{
    /// <returns>How many rows changed.</returns>
    public static async Task<int> RunAsync(
        this DbConnection connection, string sql, (string Name, object Value)[] values, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(sql, values);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task<List<T>> ReadAsync<T>(
        this DbConnection connection, string sql, (string Name, object Value)[] values, Func<DbDataReader, T> row,
        CancellationToken cancellationToken)
    {
        await using var command = connection.Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    static DbCommand Command(this DbConnection connection, string sql, (string Name, object Value)[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
