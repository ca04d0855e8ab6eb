using System.Globalization;
using Microsoft.Data.Analysis;

namespace Capstan.Data.MLNet;

/// <summary>
/// A <see cref="DataFrame"/> as one split, read where it is. Its nulls are missing values, also in columns of integers and
/// booleans (which a data view, the other way to read it, does not know).
/// </summary>
public sealed class DataFrameSource : IBatchSource
{
    const int BatchRows = 8192;

    readonly DataFrame _frame;
    readonly Lazy<string> _fingerprint;

    /// <param name="frame">Must stay as it is while it is read.</param>
    /// <exception cref="UnreadableDataException">
    /// A column holds something else than numbers, booleans, texts or times.
    /// </exception>
    public DataFrameSource(DataFrame frame)
    {
        _frame = frame;
        Schema = new Schema(frame.Columns.Select(column => new Field(column.Name, TypeOf(column))));
        Splits = [new Split(0, "data frame", frame.Rows.Count)];
        _fingerprint = new Lazy<string>(() => $"frame:{RowDigest.Of(Schema, Read(Schema)).Short}");
    }

    public Schema Schema { get; }

    public IReadOnlyList<Split> Splits { get; }

    /// <summary>Of all values; computed when first asked for.</summary>
    public string Fingerprint => _fingerprint.Value;

    public IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, CancellationToken cancellationToken) =>
        Read(Schema.Select(columns)).ReadAsync(cancellationToken);

    IEnumerable<ColumnBatch> Read(Schema wanted)
    {
        var builder = new BatchBuilder(wanted);
        DataFrameColumn[] columns = [.. wanted.Names.Select(name => _frame.Columns[name])];
        for (long start = 0; columns.Length > 0 && start < _frame.Rows.Count; start += BatchRows)
        {
            builder.Clear();
            var end = Math.Min(start + BatchRows, _frame.Rows.Count);
            for (var index = 0; index < columns.Length; index++)
            {
                for (var row = start; row < end; row++)
                {
                    Append(columns[index][row], builder.Columns[index]);
                }
            }

            yield return builder.Batch;
        }
    }

    static DataType TypeOf(DataFrameColumn column) => Type.GetTypeCode(column.DataType) switch
    {
        TypeCode.Byte or TypeCode.SByte or TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Int32 or TypeCode.UInt32
            or TypeCode.Int64 => DataType.Int64,
        TypeCode.UInt64 or TypeCode.Single or TypeCode.Double or TypeCode.Decimal => DataType.Float64,
        TypeCode.Boolean => DataType.Boolean,
        TypeCode.String or TypeCode.Char => DataType.Text,
        TypeCode.DateTime => DataType.Timestamp,
        _ => throw new UnreadableDataException("data frame",
            $"column '{column.Name}' holds {column.DataType.Name}, which can't be read; " +
            "expected numbers, booleans, texts or times. Leave it out, or convert it."),
    };

    static void Append(object? value, ColumnBuilder column)
    {
        switch (column.Type)
        {
            case var _ when value is null:
                column.AppendMissing();
                break;
            case DataType.Int64:
                column.Append(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case DataType.Float64:
                column.Append(Convert.ToDouble(value, CultureInfo.InvariantCulture));
                break;
            case DataType.Boolean:
                column.Append((bool)value);
                break;
            case DataType.Timestamp:
                column.Append(Timestamps.FromDateTime((DateTime)value));
                break;
            default:
                column.Append(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
                break;
        }
    }
}
