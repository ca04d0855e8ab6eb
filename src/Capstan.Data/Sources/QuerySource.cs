using System.Collections.Immutable;
using System.Data.Common;
using System.Runtime.CompilerServices;

namespace Capstan.Data;

/// <summary>
/// The rows of a query through ADO.NET, for any database that has a provider, as one split. The query runs once for every
/// reading, so it must give the same rows in the same order each time: order it by a key, on a snapshot or on data that no longer
/// changes.
/// </summary>
public sealed class QuerySource : IBatchSource
{
    const int BatchRows = 8192;

    readonly Func<CancellationToken, Task<DbDataReader>> _run;
    readonly ImmutableArray<Action<DbDataReader, int, ColumnBuilder>> _readers;

    QuerySource(
        Func<CancellationToken, Task<DbDataReader>> run, string content, Schema schema,
        ImmutableArray<Action<DbDataReader, int, ColumnBuilder>> readers)
    {
        (_run, _readers) = (run, readers);
        Schema = schema;
        Fingerprint = $"query:{content}";
        Splits = [new Split(0, content, null)];
    }

    public Schema Schema { get; }

    public IReadOnlyList<Split> Splits { get; }

    public string Fingerprint { get; }

    /// <summary>Runs the query once for its columns and their types.</summary>
    /// <param name="run">
    /// Runs the query; the reader is disposed of after each reading. A connection that it should close with it is made so by
    /// <see cref="System.Data.CommandBehavior.CloseConnection"/>.
    /// </param>
    /// <param name="content">
    /// Names the rows: for messages, and as the source's fingerprint. The same name must mean the same rows, so say the time or
    /// snapshot with the query where the data changes.
    /// </param>
    /// <param name="cancellationToken">Given to the query.</param>
    /// <exception cref="UnreadableDataException">
    /// A column has no name, one that is there twice, or a type that can't be read.
    /// </exception>
    public static async Task<QuerySource> OpenAsync(
        Func<CancellationToken, Task<DbDataReader>> run, string content, CancellationToken cancellationToken)
    {
        await using var reader = await run(cancellationToken);
        var (schema, readers) = ColumnsOf(reader, content);
        return new QuerySource(run, content, schema, readers);
    }

    /// <inheritdoc/>
    /// <exception cref="UnreadableDataException">The query gives other columns than when it was opened.</exception>
    public async IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var builder = new BatchBuilder(Schema.Select(columns));
        if (columns.Count == 0)
        {
            yield break; // a batch without columns has no rows
        }

        int[] ordinals = [.. columns.Select(Schema.IndexOf)];
        await using var reader = await _run(cancellationToken);
        if (ColumnsOf(reader, Splits[0].Name).Schema is var found && !found.Equals(Schema))
        {
            throw new UnreadableDataException(Splits[0].Name,
                $"the query now gives the columns {found}; when it was opened, {Schema}. Open it again.");
        }

        while (await reader.ReadAsync(cancellationToken))
        {
            for (var index = 0; index < ordinals.Length; index++)
            {
                Append(reader, ordinals[index], builder.Columns[index]);
            }

            if (builder.Batch.RowCount == BatchRows)
            {
                yield return builder.Batch;
                builder.Clear();
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        if (builder.Batch.RowCount > 0)
        {
            yield return builder.Batch;
        }
    }

    void Append(DbDataReader reader, int ordinal, ColumnBuilder column)
    {
        if (reader.IsDBNull(ordinal))
        {
            column.AppendMissing();
        }
        else
        {
            _readers[ordinal](reader, ordinal, column);
        }
    }

    static (Schema Schema, ImmutableArray<Action<DbDataReader, int, ColumnBuilder>> Readers) ColumnsOf(
        DbDataReader reader, string content)
    {
        var fields = new List<Field>();
        var readers = ImmutableArray.CreateBuilder<Action<DbDataReader, int, ColumnBuilder>>(reader.FieldCount);
        for (var ordinal = 0; ordinal < reader.FieldCount; ordinal++)
        {
            var (name, stored) = (reader.GetName(ordinal), reader.GetFieldType(ordinal));
            var (type, read) = ReaderOf(stored) ?? throw new UnreadableDataException(content,
                $"column '{name}' is of type {stored.Name}, which can't be read; expected numbers, booleans, texts, dates or " +
                "times. Leave it out of the query, or cast it there.");
            fields.Add(new Field(name, type));
            readers.Add(read);
        }

        try
        {
            return (new Schema(fields), readers.ToImmutable());
        }
        catch (ArgumentException cause)
        {
            throw new UnreadableDataException(content, $"{cause.Message} Name the query's columns (AS).", cause);
        }
    }

    static (DataType Type, Action<DbDataReader, int, ColumnBuilder> Read)? ReaderOf(Type stored) =>
        Type.GetTypeCode(stored) switch
    {
        TypeCode.Int64 => (DataType.Int64, (reader, ordinal, column) => column.Append(reader.GetInt64(ordinal))),
        TypeCode.Int32 => (DataType.Int64, (reader, ordinal, column) => column.Append((long)reader.GetInt32(ordinal))),
        TypeCode.Byte or TypeCode.SByte or TypeCode.Int16 or TypeCode.UInt16 or TypeCode.UInt32 => (DataType.Int64,
            (reader, ordinal, column) => column.Append(
                Convert.ToInt64(reader.GetValue(ordinal), System.Globalization.CultureInfo.InvariantCulture))),
        TypeCode.Double => (DataType.Float64, (reader, ordinal, column) => column.Append(reader.GetDouble(ordinal))),
        TypeCode.Single or TypeCode.Decimal or TypeCode.UInt64 => (DataType.Float64,
            (reader, ordinal, column) => column.Append(
                Convert.ToDouble(reader.GetValue(ordinal), System.Globalization.CultureInfo.InvariantCulture))),
        TypeCode.Boolean => (DataType.Boolean, (reader, ordinal, column) => column.Append(reader.GetBoolean(ordinal))),
        TypeCode.String => (DataType.Text, (reader, ordinal, column) => column.Append(reader.GetString(ordinal))),
        TypeCode.DateTime => (DataType.Timestamp,
            (reader, ordinal, column) => column.Append(Timestamps.FromDateTime(reader.GetDateTime(ordinal)))),
        _ when stored == typeof(DateOnly) => (DataType.Timestamp, (reader, ordinal, column) => column.Append(
            Timestamps.FromDateTime(reader.GetFieldValue<DateOnly>(ordinal).ToDateTime(TimeOnly.MinValue)))),
        // The wall clock of where it happened, as for objects.
        _ when stored == typeof(DateTimeOffset) => (DataType.Timestamp, (reader, ordinal, column) => column.Append(
            Timestamps.FromDateTime(reader.GetFieldValue<DateTimeOffset>(ordinal).DateTime))),
        _ when stored == typeof(Guid) =>
            (DataType.Text, (reader, ordinal, column) => column.Append(reader.GetGuid(ordinal).ToString())),
        _ => null,
    };
}
