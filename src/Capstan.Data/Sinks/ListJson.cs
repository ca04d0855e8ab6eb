using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Capstan.Data;

/// <summary>A list as a JSON array of strings.</summary>
static class ListJson
{
    public static void Write(Utf8JsonWriter json, Column column, int row)
    {
        json.WriteStartArray();
        for (var (item, end) = (column.ListOffsets[row], column.ListOffsets[row + 1]); item < end; item++)
        {
            json.WriteStringValue(column.Items.TextAt(item));
        }

        json.WriteEndArray();
    }

    public static ReadOnlySpan<byte> Of(Column column, int row)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(
            bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        Write(json, column, row);
        json.Flush();
        return bytes.WrittenSpan;
    }
}
