using System.Reflection;
using Capstan.Data;

namespace Capstan;

/// <summary>Objects as columns: one for each public property of a type that a column can hold.</summary>
static class ObjectRows
{
    const int BatchRows = 8192;

    public static IBatchSource ToSource<T>(IEnumerable<T> rows)
    {
        var columns = typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0)
            .Select(property => (Property: property, Type: TypeOf(property.PropertyType)))
            .Where(column => column.Type is not null)
            .Select(column => (column.Property, Type: column.Type!.Value)) // nulls were left out above
            .ToArray();
        if (columns.Length == 0)
        {
            throw new ArgumentException(
                $"{typeof(T).Name} has no public property that can be a column; " +
                "expected numbers, text, booleans, enumerations or dates.",
                nameof(rows));
        }

        var schema = new Schema(columns.Select(column => new Field(column.Property.Name, column.Type)));
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

    static DataType? TypeOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? DataType.Text : Type.GetTypeCode(type) switch
        {
            TypeCode.Byte or TypeCode.SByte or TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Int32 or TypeCode.UInt32
                or TypeCode.Int64 => DataType.Int64,
            TypeCode.UInt64 or TypeCode.Single or TypeCode.Double or TypeCode.Decimal => DataType.Float64,
            TypeCode.Boolean => DataType.Boolean,
            TypeCode.String or TypeCode.Char => DataType.Text,
            TypeCode.DateTime => DataType.Timestamp,
            _ => type == typeof(DateTimeOffset) || type == typeof(DateOnly) ? DataType.Timestamp
                : type == typeof(Guid) || type == typeof(Uri) ? DataType.Text
                : null,
        };
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
