using System.Formats.Cbor;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>A small batch as CBOR: its schema, then for each column an array of values (null where missing).</summary>
static class BatchCodec
{
    public static void Write(CborWriter writer, ColumnBatch batch)
    {
        writer.WriteStartArray(1 + batch.Columns.Length);
        SchemaCodec.Write(writer, batch.Schema);
        foreach (var column in batch.Columns)
        {
            writer.WriteStartArray(column.Length);
            for (var row = 0; row < column.Length; row++)
            {
                WriteValue(writer, column, row);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    public static ColumnBatch Read(CborReader reader)
    {
        reader.ReadStartArray();
        var builder = new BatchBuilder(SchemaCodec.Read(reader));
        foreach (var column in builder.Columns)
        {
            reader.ReadStartArray();
            while (reader.PeekState() != CborReaderState.EndArray)
            {
                ReadValue(reader, column);
            }

            reader.ReadEndArray();
        }

        reader.ReadEndArray();
        return builder.Columns.Select(column => column.Length).Distinct().Count() <= 1
            ? builder.Batch
            : throw new CorruptStateException("rows", "its columns have different lengths");
    }

    static void WriteValue(CborWriter writer, Column column, int row)
    {
        if (!column.IsPresent(row))
        {
            writer.WriteNull();
            return;
        }

        switch (column.Type)
        {
            case DataType.Float64:
                writer.WriteDouble(column.Float64s[row]);
                break;
            case DataType.Boolean:
                writer.WriteBoolean(column.BooleanAt(row));
                break;
            case DataType.Text:
                writer.WriteTextString(System.Text.Encoding.UTF8.GetString(column.TextAt(row)));
                break;
            case DataType.TextList:
                var items = (string[])column.ValueAt(row)!; // present
                writer.WriteStartArray(items.Length);
                foreach (var item in items)
                {
                    writer.WriteTextString(item);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteInt64(column.Int64s[row]);
                break;
        }
    }

    static void ReadValue(CborReader reader, ColumnBuilder column)
    {
        if (reader.PeekState() == CborReaderState.Null)
        {
            reader.ReadNull();
            column.AppendMissing();
            return;
        }

        switch (column.Type)
        {
            case DataType.Float64:
                column.Append(reader.ReadDouble());
                break;
            case DataType.Boolean:
                column.Append(reader.ReadBoolean());
                break;
            case DataType.Text:
                column.Append(reader.ReadTextString());
                break;
            case DataType.TextList:
                reader.ReadStartArray();
                while (reader.PeekState() != CborReaderState.EndArray)
                {
                    column.Items.Append(reader.ReadTextString());
                }

                reader.ReadEndArray();
                column.AppendList();
                break;
            default:
                column.Append(reader.ReadInt64());
                break;
        }
    }
}
