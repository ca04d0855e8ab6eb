using System.Reflection;
using Capstan.Data;
using Capstan.Features;

namespace Capstan;

/// <summary>Objects as columns: one for each public property of a type that a column can hold.</summary>
static class ObjectRows
{
    const int BatchRows = 8192;

    public static IBatchSource ToSource<T>(IEnumerable<T> rows)
    {
        var columns = ColumnsOf<T>();
        var schema = new Schema(columns.Select(column => column.Field));
        var batches = new List<ColumnBatch>();
        foreach (var chunk in rows.Chunk(BatchRows))
        {
            var builder = new BatchBuilder(schema);
            foreach (var row in chunk)
            {
                Append(builder, columns, row);
            }

            batches.Add(builder.Batch);
        }

        return new MemorySource(schema, batches);
    }

    public static async Task<IBatchSource> ToSourceAsync<T>(IAsyncEnumerable<T> rows, CancellationToken cancellationToken)
    {
        var columns = ColumnsOf<T>();
        var schema = new Schema(columns.Select(column => column.Field));
        var builders = new List<BatchBuilder>();
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            if (builders.Count == 0 || builders[^1].Batch.RowCount == BatchRows)
            {
                builders.Add(new BatchBuilder(schema));
            }

            Append(builders[^1], columns, row);
        }

        return new MemorySource(schema, builders.Select(builder => builder.Batch));
    }

    /// <exception cref="ArgumentException">The type has no property that can be a column.</exception>
    public static void Check<T>() => ColumnsOf<T>();

    static (PropertyInfo Property, Field Field)[] ColumnsOf<T>()
    {
        var columns = typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(property => (Property: property, Field: RecordColumns.Of(property)))
            .Where(column => column.Field is not null)
            .Select(column => (column.Property, Field: column.Field!.Value)) // nulls were left out above
            .ToArray();
        return columns.Length > 0 ? columns : throw new ArgumentException(
            $"{typeof(T).Name} has no public property that can be a column; " +
            "expected numbers, text, booleans, enumerations or dates.",
            "rows");
    }

    static void Append<T>(BatchBuilder target, (PropertyInfo Property, Field Field)[] columns, T row)
    {
        object found = row ?? throw new ArgumentException(
            $"A row among the {typeof(T).Name} objects is null; leave it out.", nameof(row));
        for (var index = 0; index < columns.Length; index++)
        {
            Append(target.Columns[index], columns[index].Property.GetValue(found));
        }
    }

    static void Append(ColumnBuilder column, object? value)
    {
        switch (value)
        {
            case null:
                column.AppendMissing();
                break;
            case bool truth:
                column.Append(truth);
                break;
            case DateTime moment:
                column.Append(Timestamps.FromDateTime(moment));
                break;
            case DateTimeOffset moment:
                // The wall clock of where it happened: what files and databases hold, and what hours and weekdays mean.
                column.Append(Timestamps.FromDateTime(moment.DateTime));
                break;
            case DateOnly date:
                column.Append(Timestamps.FromDateTime(date.ToDateTime(TimeOnly.MinValue)));
                break;
            case var number when column.Type == DataType.Int64:
                column.Append(Convert.ToInt64(number, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case var number when column.Type == DataType.Float64:
                column.Append(Convert.ToDouble(number, System.Globalization.CultureInfo.InvariantCulture));
                break;
            default:
                column.Append(value.ToString() ?? "");
                break;
        }
    }
}
