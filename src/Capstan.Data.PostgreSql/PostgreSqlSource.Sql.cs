namespace Capstan.Data.PostgreSql;

/// <summary>Queries over the rows, on the snapshot that readings see.</summary>
public sealed partial class PostgreSqlSource
{
    public SqlDialect Dialect => SqlDialect.PostgreSql;

    public string Database => "PostgreSQL";

    // A table has no order, and a row no number.
    public bool HasPlaces => false;

    public string RelationOf(IReadOnlyList<string> columns, Split? split, bool withPlaces)
    {
        if (withPlaces)
        {
            throw new ArgumentException($"The rows of {_address} have no places.", nameof(withPlaces));
        }

        var values = Schema.Select(columns).Fields
            .Select(field => $"{Expression(field)} AS {PostgreSqlAddress.Quoted(field.Name)}");
        var condition = split is null ? "" : $" {_conditions[split.Index]}";
        return $"(SELECT {string.Join(", ", values)} FROM {_address.Relation}{condition}) AS raw";
    }

    public IAsyncEnumerable<ColumnBatch> QueryAsync(string sql, Schema result, CancellationToken cancellationToken) =>
        CopyAsync(sql, result, cancellationToken);
}
