using System.Collections.Immutable;
using System.Formats.Cbor;
using System.Text;
using System.Text.Unicode;

namespace Capstan.Data;

/// <summary>What a whole table holds, column by column: computed in one pass, mergeable, stored with the model.</summary>
public sealed class TableStatistics : IStoredState<TableStatistics>
{
    const int MostColumns = 100_000;

    public TableStatistics(Schema schema)
        : this(schema, [.. schema.Fields.Select(field => new ColumnStatistics(field.Type))])
    {
    }

    TableStatistics(Schema schema, ImmutableArray<ColumnStatistics> columns) => (Schema, Columns) = (schema, columns);

    public Schema Schema { get; }

    /// <summary>[Schema.Fields.Length] statistics in the schema's order.</summary>
    public ImmutableArray<ColumnStatistics> Columns { get; }

    public long RowCount { get; private set; }

    /// <exception cref="UnknownColumnException">There is no such column.</exception>
    public ColumnStatistics this[string column] =>
        Schema.IndexOf(column) is >= 0 and var index ? Columns[index] : throw new UnknownColumnException(column, Schema.Names);

    /// <summary>The statistics of a source's columns, in one pass on several threads whose number changes no result.</summary>
    /// <param name="columns">The columns wanted; there is no pass for none.</param>
    /// <param name="passed">Told the number of rows after every batch, by one thread at a time.</param>
    public static async Task<TableStatistics> OfAsync(
        IBatchSource source, IReadOnlyList<string> columns, int threads, Action<int>? passed, CancellationToken cancellationToken)
    {
        using var pass = new ParallelPass(source, threads, passed);
        var schema = source.Schema.Select(columns);
        return await pass.RunAsync(
            () => new TableStatistics(schema), (span, token) => OfAsync(pass, span, schema, token),
            (left, right) => left.Merge(right), cancellationToken);
    }

    /// <summary>The same, read by others.</summary>
    public static async Task<TableStatistics> OfAsync(
        IBatchSource source, IReadOnlyList<string> columns, ISplitPool pool, Action<int>? passed, CancellationToken cancellationToken)
    {
        using var pass = new ParallelPass(source, pool.Ahead, passed);
        var schema = source.Schema.Select(columns);
        return await pass.RunAsync(
            () => new TableStatistics(schema), (span, token) => OfAsync(pass, span, pool, schema, token),
            (left, right) => left.Merge(right), cancellationToken);
    }

    /// <summary>The statistics of one span, read by others, in a pass under way.</summary>
    public static Task<TableStatistics> OfAsync(
        ParallelPass pass, SourceSpan span, ISplitPool pool, Schema schema, CancellationToken cancellationToken) => pass.AskAsync(
        span, pool, new StatisticsTask([.. schema.Names]), SplitTask.Read<TableStatistics>, (left, right) =>
        {
            left.Absorb(right);
            return left;
        },
        cancellationToken);

    /// <summary>The statistics of one span, in a pass under way.</summary>
    public static Task<TableStatistics> OfAsync(
        ParallelPass pass, SourceSpan span, Schema schema, CancellationToken cancellationToken) => pass.ReadAsync<TableStatistics>(
        span, [.. schema.Names],
        () =>
        {
            var statistics = new TableStatistics(schema);
            return (statistics, statistics.Observe);
        },
        (left, right) =>
        {
            // Nobody else has the first split's statistics, which become those of all.
            left.Absorb(right);
            return left;
        },
        cancellationToken);

    /// <exception cref="ArgumentException">The batch has another schema.</exception>
    public void Observe(ColumnBatch batch)
    {
        if (!batch.Schema.Equals(Schema))
        {
            throw new ArgumentException(
                $"The batch has the columns {batch.Schema}; these statistics are of {Schema}.", nameof(batch));
        }

        RowCount += batch.RowCount;
        for (var index = 0; index < Columns.Length; index++)
        {
            Columns[index].Observe(batch.Columns[index]);
        }
    }

    /// <exception cref="ArgumentException">The other statistics have another schema.</exception>
    public TableStatistics Merge(TableStatistics other)
    {
        if (!other.Schema.Equals(Schema))
        {
            throw new ArgumentException($"Statistics of {other.Schema} don't merge with those of {Schema}.", nameof(other));
        }

        return new TableStatistics(Schema, [.. Columns.Zip(other.Columns, (mine, theirs) => mine.Merge(theirs))])
        {
            RowCount = RowCount + other.RowCount,
        };
    }

    void Absorb(TableStatistics other)
    {
        RowCount += other.RowCount;
        for (var index = 0; index < Columns.Length; index++)
        {
            Columns[index].Absorb(other.Columns[index]);
        }
    }

    /// <summary>The same statistics with only the frequent text values and coarser quantiles: what an artifact keeps.</summary>
    public TableStatistics KeepValues(int limit) =>
        new(Schema, [.. Columns.Select(column => column.KeepValues(limit))]) { RowCount = RowCount };

    public void WriteTo(CborWriter writer)
    {
        // Tags 1 and 2, then per column its name (odd) and its statistics (even).
        var fields = new StateWriter(writer, 2 + 2 * Columns.Length);
        fields.Number(1, RowCount);
        fields.Number(2, Columns.Length);
        for (var index = 0; index < Columns.Length; index++)
        {
            fields.Bytes(3 + 2 * index, Encoding.UTF8.GetBytes(Schema.Fields[index].Name));
            fields.State(4 + 2 * index, Columns[index]);
        }

        fields.End();
    }

    public static TableStatistics ReadFrom(CborReader reader)
    {
        var fields = new StateReader(reader, nameof(TableStatistics), 2, 2 + 2 * MostColumns);
        var (rows, columns) = (fields.Count(1), (int)fields.Count(2, MostColumns));
        var (names, statistics) = (new List<string>(), new List<ColumnStatistics>());
        for (var index = 0; index < columns; index++)
        {
            var name = fields.Bytes(3 + 2 * index, 1 << 16);
            fields.Check(Utf8.IsValid(name), $"the name of column {index + 1} is not UTF-8");
            names.Add(Encoding.UTF8.GetString(name));
            statistics.Add(fields.State<ColumnStatistics>(4 + 2 * index));
            fields.Check(
                statistics[^1].Count == rows, $"column '{names[^1]}' has seen {statistics[^1].Count} rows, expected {rows}");
        }

        fields.End();
        fields.Check(names.All(name => name.Length > 0) && names.Distinct(StringComparer.Ordinal).Count() == names.Count,
            "a column has no name, or two have the same");
        return new TableStatistics(new Schema(names.Zip(statistics, (name, each) => new Field(name, each.Type))), [.. statistics])
        {
            RowCount = rows,
        };
    }
}
