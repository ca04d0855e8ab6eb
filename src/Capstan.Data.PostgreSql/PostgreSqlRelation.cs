using System.Collections.Immutable;
using System.Globalization;
using Npgsql;

namespace Capstan.Data.PostgreSql;

/// <summary>What a table, view or query is made of.</summary>
/// <param name="Columns">In the order of the schema.</param>
/// <param name="Parts">What can be read by itself: a name for people, and what follows FROM and the relation.</param>
sealed record PostgreSqlRelation(
    Schema Schema, ImmutableArray<PostgreSqlColumn> Columns, ImmutableArray<(string Name, string Condition)> Parts)
{
    // 64 MiB of a table in blocks of 8 KiB.
    const int PagesPerPart = 8192;
    const int PartsByKey = 8;

    /// <summary>See <see cref="PostgreSqlSnapshot.DescribeAsync"/>.</summary>
    public static async Task<PostgreSqlRelation> FindAsync(
        PostgreSqlAddress address, NpgsqlConnection connection, ImmutableDictionary<string, DataType> types,
        CancellationToken cancellationToken)
    {
        var columns = await ColumnsAsync(address, connection, cancellationToken);
        var schema = new Schema(columns.Select(column => new Field(column.Name, column.Natural)));
        foreach (var (name, type) in types)
        {
            var column = columns[schema.IndexOf(schema[name].Name)];
            if (!column.CanBe(type))
            {
                throw new UnreadableDataException(
                    $"{address}",
                    $"column '{name}' is {column.Stored}, not every value of which is of type {Schema.NameOf(type)}; " +
                    "leave the type out, or convert the column in a query (?query=SELECT …).");
            }
        }

        schema = new Schema(schema.Fields.Select(field => field with { Type = types.GetValueOrDefault(field.Name, field.Type) }));
        return new PostgreSqlRelation(schema, columns, await PartsAsync(address, connection, schema, cancellationToken));
    }

    static async Task<ImmutableArray<PostgreSqlColumn>> ColumnsAsync(
        PostgreSqlAddress address, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var sent = new List<(string Name, uint Type)>();
        await using (var command = new NpgsqlCommand($"SELECT * FROM {address.Relation} LIMIT 0", connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            var fields = Enumerable.Range(0, reader.FieldCount);
            sent.AddRange(fields.Select(index => (reader.GetName(index), reader.GetDataTypeOID(index))));
        }

        var columns = ImmutableArray.CreateBuilder<PostgreSqlColumn>();
        var foreign = new List<string>();
        foreach (var (name, type) in sent)
        {
            // Asked for each time: types that are younger than this program are unknown to the client.
            var facts = await PostgreSqlSnapshot.RowAsync(
                connection, $"SELECT format_type(oid, NULL), typtype = 'e' FROM pg_type WHERE oid = {type}", cancellationToken);
            if (PostgreSqlColumn.Of(name, (string)facts[0]!, facts[1] is true) is { } column) // format_type is never NULL here
            {
                columns.Add(column);
            }
            else
            {
                foreign.Add($"column '{name}' is {facts[0]}");
            }
        }

        return foreign.Count == 0
            ? columns.ToImmutable()
            : throw new UnreadableDataException(
                $"{address}",
                $"{string.Join(", ", foreign)}, for which there is no type here. Leave it out or convert it by a query: " +
                $"?query=SELECT {string.Join(", ", columns.Select(column => PostgreSqlAddress.Quoted(column.Name)))} FROM …");
    }

    /// <summary>
    /// What can be read by itself: ranges of a table's pages, or of the key where there is one, or else all; each with what
    /// follows FROM.
    /// </summary>
    static async Task<ImmutableArray<(string Name, string Condition)>> PartsAsync(
        PostgreSqlAddress address, NpgsqlConnection connection, Schema schema, CancellationToken cancellationToken)
    {
        if (address.Key is { } key)
        {
            return await PartsByKeyAsync(address, connection, schema[key], cancellationToken);
        }

        var pages = address.Table is null ? 0 : await PagesAsync(address, connection, cancellationToken);
        if (pages <= PagesPerPart)
        {
            return [($"{address}", "")];
        }

        var parts = ImmutableArray.CreateBuilder<(string, string)>();
        for (var first = 0L; first < pages; first += PagesPerPart)
        {
            var next = first + PagesPerPart;
            // The last part has no end: the table may have grown before the snapshot was taken.
            parts.Add((
                $"{address}, pages {first:N0} to {Math.Min(next, pages) - 1:N0}",
                $"WHERE ctid >= '({first},0)'" + (next < pages ? $" AND ctid < '({next},0)'" : "")));
        }

        return parts.ToImmutable();
    }

    static async Task<ImmutableArray<(string, string)>> PartsByKeyAsync(
        PostgreSqlAddress address, NpgsqlConnection connection, Field key, CancellationToken cancellationToken)
    {
        if (key.Type != DataType.Int64)
        {
            throw new UnreadableDataException(
                $"{address}",
                $"the key '{key.Name}' is {Schema.NameOf(key.Type)}; rows are read in parts by a column of integers only.");
        }

        var name = PostgreSqlAddress.Quoted(key.Name);
        var ends = await PostgreSqlSnapshot.RowAsync(
            connection, $"SELECT CAST(min({name}) AS bigint), CAST(max({name}) AS bigint) FROM {address.Relation}",
            cancellationToken);
        if (ends is not [long least, long greatest])
        {
            return [($"{address}", "")];
        }

        var step = (Int128)((Int128)greatest - least) / PartsByKey + 1;
        var parts = ImmutableArray.CreateBuilder<(string, string)>();
        for (Int128 first = least; first <= greatest; first += step)
        {
            // A row without a key is in the first part.
            var isFirst = first == least;
            var range = $"{name} < {first + step}" + (isFirst ? $" OR {name} IS NULL" : $" AND {name} >= {first}");
            parts.Add(($"{address}, {key.Name} from {first}", $"WHERE {range} ORDER BY {name}"));
        }

        return parts.ToImmutable();
    }

    /// <summary>0 of what has no pages: a view, or a table in partitions.</summary>
    static async Task<long> PagesAsync(
        PostgreSqlAddress address, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var table = PostgreSqlAddress.QuotedTable(address.Table!).Replace("'", "''"); // a table is asked for
        var found = await PostgreSqlSnapshot.RowAsync(
            connection,
            "SELECT CASE WHEN relkind IN ('r', 'm') THEN pg_relation_size(oid) / CAST(current_setting('block_size') AS bigint) " +
            $"ELSE 0 END FROM pg_class WHERE oid = CAST('{table}' AS regclass)",
            cancellationToken);
        return Convert.ToInt64(found[0], CultureInfo.InvariantCulture);
    }
}
