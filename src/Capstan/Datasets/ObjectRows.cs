using System.Reflection;
using Capstan.Data;

namespace Capstan;

/// <summary>Objects as columns: one for each public property of a type that a column can hold.</summary>
static class ObjectRows
{
    const int BatchRows = 8192;

    public static IBatchSource ToSource<T>(IEnumerable<T> rows)
    {
        var columns = ColumnsOf<T>();
        var schema = SchemaOf(columns);
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
        var schema = SchemaOf(columns);
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

    static PropertyInfo[] ColumnsOf<T>()
    {
        PropertyInfo[] columns =
        [
            .. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property =>
                property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0 &&
                TypeOf(property.PropertyType) is not null),
        ];
        return columns.Length > 0 ? columns : throw new ArgumentException(
            $"{typeof(T).Name} has no public property that can be a column; " +
            "expected numbers, text, booleans, enumerations or dates.",
            "rows");
    }

    static Schema SchemaOf(PropertyInfo[] columns) =>
        new(columns.Select(column => new Field(column.Name, TypeOf(column.PropertyType)!.Value))); // others were left out

    static void Append<T>(BatchBuilder target, PropertyInfo[] columns, T row)
    {
        object found = row ?? throw new ArgumentException(
            $"A row among the {typeof(T).Name} objects is null; leave it out.", nameof(row));
        for (var index = 0; index < columns.Length; index++)
        {
            Append(target.Columns[index], columns[index].GetValue(found));
        }
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
