using System.Formats.Cbor;

namespace Capstan.Data;

/// <summary>Names of columns as the content of a task.</summary>
static class ColumnNames
{
    public static byte[] Write(IReadOnlyList<string> columns)
    {
        var writer = new CborWriter();
        writer.WriteStartArray(columns.Count);
        foreach (var column in columns)
        {
            writer.WriteTextString(column);
        }

        writer.WriteEndArray();
        return writer.Encode();
    }

    public static string[] Read(ReadOnlyMemory<byte> content)
    {
        var (reader, columns) = (new CborReader(content), new List<string>());
        reader.ReadStartArray();
        while (reader.PeekState() != CborReaderState.EndArray)
        {
            columns.Add(reader.ReadTextString());
        }

        reader.ReadEndArray();
        return [.. columns];
    }
}
