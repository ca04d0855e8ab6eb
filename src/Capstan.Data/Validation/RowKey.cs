using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Capstan.Data;

/// <summary>
/// What names a row: the values of some columns as bytes, each with its length, so that no two different keys are alike.
/// </summary>
static class RowKey
{
    /// <param name="key">Emptied, then written to.</param>
    /// <returns>False where a value is missing.</returns>
    public static bool TryWrite(ReadOnlySpan<Column> columns, int row, ArrayBufferWriter<byte> key)
    {
        key.ResetWrittenCount();
        foreach (var column in columns)
        {
            if (!column.IsPresent(row))
            {
                return false;
            }

            switch (column.Type)
            {
                case DataType.Text:
                    WriteNumber(column.TextAt(row).Length, key);
                    key.Write(column.TextAt(row));
                    break;
                case DataType.Float64:
                    // −0 is 0.
                    WriteNumber(BitConverter.DoubleToInt64Bits(column.Float64s[row] + 0.0), key);
                    break;
                case DataType.Boolean:
                    WriteNumber(column.BooleanAt(row) ? 1 : 0, key);
                    break;
                default:
                    WriteNumber(column.Int64s[row], key);
                    break;
            }
        }

        return true;
    }

    /// <summary>For people.</summary>
    public static string Show(ReadOnlySpan<Column> columns, int row)
    {
        var shown = new StringBuilder();
        foreach (var column in columns)
        {
            shown.Append(shown.Length > 0 ? ", " : "").Append(ShowValue(column, row));
        }

        return shown.ToString();
    }

    /// <summary>A value as text; null where it is missing.</summary>
    public static string? ShowValue(Column column, int row) => column switch
    {
        _ when !column.IsPresent(row) => null,
        { Type: DataType.Timestamp } => TimestampText.Format(column.Int64s[row]),
        { Type: DataType.TextList } => Encoding.UTF8.GetString(ListJson.Of(column, row)),
        _ => FormattableString.Invariant($"{column.ValueAt(row)}"),
    };

    static void WriteNumber(long value, ArrayBufferWriter<byte> key)
    {
        BinaryPrimitives.WriteInt64LittleEndian(key.GetSpan(sizeof(long)), value);
        key.Advance(sizeof(long));
    }
}
