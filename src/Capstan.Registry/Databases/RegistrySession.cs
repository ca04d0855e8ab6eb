using System.Data.Common;

namespace Capstan.Registry;

/// <summary>
/// One transaction on the registry, and the tables as one meets them. Not thread-safe; gone when the transaction ends.
/// </summary>
public sealed class RegistrySession
{
    readonly RegistryTransaction _transaction;

    internal RegistrySession(RegistryDatabase database, RegistryTransaction transaction)
    {
        (Database, _transaction) = (database, transaction);
    }

    public ResourceTable Resources => new(this);

    public WorkTable Work => new(this);

    public LogTable Logs => new(this);

    public LineageTable Lineage => new(this);

    public ArtifactTable Artifacts => new(this);

    public AccessTable Access => new(this);

    public AuditTable Audit => new(this);

    public RouteTable Routes => new(this);

    public OutcomeTable Outcomes => new(this);

    public QuestionTable Questions => new(this);

    public FrontDoorTable FrontDoors => new(this);

    internal RegistryDatabase Database { get; }

    internal async Task<int> ExecuteAsync(
        string sql, CancellationToken cancellationToken, params (string Name, object? Value)[] values)
    {
        var command = Command(sql, values);
        try
        {
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }
        finally
        {
            _transaction.GiveBack(command);
        }
    }

    internal async Task<List<T>> QueryAsync<T>(
        string sql, Func<DbDataReader, T> row, CancellationToken cancellationToken, params (string Name, object? Value)[] values)
    {
        var command = Command(sql, values);
        try
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add(row(reader));
            }

            return rows;
        }
        finally
        {
            _transaction.GiveBack(command);
        }
    }

    internal async Task<long> CountAsync(string sql, CancellationToken cancellationToken,
        params (string Name, object? Value)[] values) =>
        (await QueryAsync(sql, row => row.IsDBNull(0) ? 0 : row.GetInt64(0), cancellationToken, values)).FirstOrDefault();

    DbCommand Command(string sql, (string Name, object? Value)[] values)
    {
        var command = _transaction.Take(sql);
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value ?? DBNull.Value;
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
