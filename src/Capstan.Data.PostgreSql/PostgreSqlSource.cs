using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Capstan.Data.PostgreSql;

/// <summary>
/// A table, view or query of a PostgreSQL database, read by binary COPY. All readings see the rows as they were at the opening,
/// whatever others write meanwhile: a connection holds that snapshot until the source is disposed of or the program ends.
/// </summary>
/// <remarks>
/// The fingerprint names server, relation, columns and snapshot: two of them are equal only if nothing was written anywhere on
/// the server in between, so that kept analyses are never taken for rows that have changed. What a query computes from the clock
/// or from random numbers is the query's own affair.
/// </remarks>
public sealed partial class PostgreSqlSource : ISqlSource, IAsyncDisposable
{
    const int BatchRows = 8192;

    readonly PostgreSqlAddress _address;
    readonly PostgreSqlSnapshot _snapshot;
    readonly ImmutableArray<PostgreSqlColumn> _columns;
    readonly ImmutableArray<string> _conditions;

    PostgreSqlSource(PostgreSqlAddress address, PostgreSqlSnapshot snapshot, PostgreSqlRelation relation)
    {
        (_address, _snapshot, _columns, Schema) = (address, snapshot, relation.Columns, relation.Schema);
        _conditions = [.. relation.Parts.Select(part => part.Condition)];
        Splits = [.. relation.Parts.Select((part, index) => new Split(index, part.Name, null))];
        string[] content =
            [snapshot.Server, address.Database ?? "", address.Relation, $"{Schema}", string.Join('\n', _conditions),
                snapshot.State];
        Fingerprint = $"postgresql:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', content))))}";
    }

    public Schema Schema { get; }

    public IReadOnlyList<Split> Splits { get; }

    public string Fingerprint { get; }

    /// <summary>Names the moment at which all readings see the rows: other processes see the same by it while this source lives.</summary>
    public string Snapshot => _snapshot.Name;

    /// <summary>Opens a table or query, finding its columns and its parts.</summary>
    /// <param name="types">Types of columns by name, instead of those that the database's types give.</param>
    /// <exception cref="UnreadableDataException">
    /// The server can't be reached or refuses, or a column's type has no counterpart or can't be read as declared.
    /// </exception>
    /// <exception cref="UnknownColumnException"><paramref name="types"/> or the key names a column that is not there.</exception>
    public static Task<PostgreSqlSource> OpenAsync(
        PostgreSqlAddress address, ImmutableDictionary<string, DataType> types, CancellationToken cancellationToken) =>
        OpenAsync(address, types, null, cancellationToken);

    /// <summary>The same, as another process sees it.</summary>
    /// <param name="seenBy">Its <see cref="Snapshot"/>; null for the rows as they are now.</param>
    public static async Task<PostgreSqlSource> OpenAsync(
        PostgreSqlAddress address, ImmutableDictionary<string, DataType> types, string? seenBy, CancellationToken cancellationToken)
    {
        PostgreSqlSnapshot? snapshot = null;
        try
        {
            snapshot = await PostgreSqlSnapshot.TakeAsync(address, seenBy, cancellationToken);
            return new PostgreSqlSource(address, snapshot, await snapshot.DescribeAsync(types, cancellationToken));
        }
        catch (Exception failure)
        {
            if (snapshot is not null)
            {
                await snapshot.DisposeAsync();
            }

            if (failure is NpgsqlException fault)
            {
                throw DatabaseFaults.Unreadable(address, fault);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="UnreadableDataException">The server can't be reached, fails, or has given up the snapshot.</exception>
    public async IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wanted = Schema.Select(columns);
        if (columns.Count == 0)
        {
            yield break; // a batch without columns has no rows
        }

        var values = wanted.Fields.Select(Expression);
        var sql = $"SELECT {string.Join(", ", values)} FROM {_address.Relation} {_conditions[split.Index]}";
        await foreach (var batch in CopyAsync(sql, wanted, cancellationToken))
        {
            yield return batch;
        }
    }

    public ValueTask DisposeAsync() => _snapshot.DisposeAsync();

    string Expression(Field field) => _columns.First(column => column.Name == field.Name).Expression(field.Type);

    async IAsyncEnumerable<ColumnBatch> CopyAsync(
        string query, Schema schema, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var copy = await OpenCopyAsync($"COPY ({query}) TO STDOUT (FORMAT binary)", cancellationToken);
        var builder = new BatchBuilder(schema);
        while (await FillAsync(copy, builder, cancellationToken))
        {
            yield return builder.Batch;
            builder.Clear();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    async Task<PostgreSqlCopy> OpenCopyAsync(string sql, CancellationToken cancellationToken)
    {
        try
        {
            return await PostgreSqlCopy.OpenAsync(_snapshot, sql, cancellationToken);
        }
        catch (NpgsqlException fault)
        {
            throw DatabaseFaults.Unreadable(_address, fault);
        }
    }

    /// <returns>Whether there are rows.</returns>
    async ValueTask<bool> FillAsync(PostgreSqlCopy copy, BatchBuilder builder, CancellationToken cancellationToken)
    {
        try
        {
            await copy.Rows.FillAsync(builder, BatchRows, cancellationToken);
            return builder.Batch.RowCount > 0;
        }
        catch (NpgsqlException fault)
        {
            throw DatabaseFaults.Unreadable(_address, fault);
        }
    }
}
