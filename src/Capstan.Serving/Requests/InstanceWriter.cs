using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using Capstan.Data;

namespace Capstan.Serving;

/// <summary>
/// Writes rows as the body of a predict request: what a client would send, and what the server reads back to the same bits.
/// </summary>
public static class InstanceWriter
{
    /// <summary>Writes <c>{"instances":[{…}, …]}</c> in UTF-8.</summary>
    /// <param name="rows">Raw rows; missing values are written as null.</param>
    /// <param name="first">The 0-based first row to write.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="output">Receives the bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rows asked for are not all in the batch.</exception>
    public static void Write(ColumnBatch rows, int first, int count, IBufferWriter<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, rows.RowCount - first);
        using var json = new Utf8JsonWriter(output, ResponseJson.Options);
        Write(rows, first, count, json);
    }

    internal static void Write(ColumnBatch rows, int first, int count, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("instances"u8);
        for (var row = first; row < first + count; row++)
        {
            json.WriteStartObject();
            for (var index = 0; index < rows.Columns.Length; index++)
            {
                json.WritePropertyName(rows.Schema.Fields[index].Name);
                WriteCell(rows.Columns[index], row, json);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteCell(Column column, int row, Utf8JsonWriter json)
    {
        if (!column.IsPresent(row))
        {
            json.WriteNullValue();
            return;
        }

        switch (column.Type)
        {
            case DataType.Int64:
                json.WriteNumberValue(column.Int64s[row]);
                break;
            case DataType.Float64:
                NumberText.WriteTo(json, column.Float64s[row]);
                break;
            case DataType.Boolean:
                json.WriteBooleanValue(column.BooleanAt(row));
                break;
            case DataType.Text:
                json.WriteStringValue(column.TextAt(row));
                break;
            case DataType.TextList:
                json.WriteStartArray();
                for (var (item, end) = (column.ListOffsets[row], column.ListOffsets[row + 1]); item < end; item++)
                {
                    json.WriteStringValue(column.Items.TextAt(item));
                }

                json.WriteEndArray();
                break;
            case DataType.Timestamp:
                json.WriteStringValue(TimestampText.Format(column.Int64s[row]));
                break;
            default:
                throw new UnreachableException();
        }
    }
}
