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
        var columns = typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(property => (Property: property, Field: RecordColumns.Of(property)))
            .Where(column => column.Field is not null)
            .Select(column => (column.Property, Field: column.Field!.Value)) // nulls were left out above
            .ToArray();
        if (columns.Length == 0)
        {
            throw new ArgumentException(
                $"{typeof(T).Name} has no public property that can be a column; " +
                "expected numbers, text, booleans, enumerations or dates.",
                nameof(rows));
        }

        var schema = new Schema(columns.Select(column => column.Field));
        var batches = new List<ColumnBatch>();
        foreach (var chunk in rows.Chunk(BatchRows))
        {
            var builder = new BatchBuilder(schema);
            for (var index = 0; index < columns.Length; index++)
            {
                foreach (var row in chunk)
                {
                    Append(builder.Columns[index], columns[index].Property.GetValue(row ?? throw new ArgumentException(
                        $"A row among the {typeof(T).Name} objects is null; leave it out.", nameof(rows))));
                }
            }

            batches.Add(builder.Batch);
        }

        return new MemorySource(schema, batches);
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
