using System.Formats.Cbor;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>A schema as CBOR: an array of name, type number, name, type number, …</summary>
public static class SchemaCodec
{
    public static void Write(CborWriter writer, Schema schema)
    {
        writer.WriteStartArray(schema.Fields.Length * 2);
        foreach (var column in schema.Fields)
        {
            writer.WriteTextString(column.Name);
            writer.WriteInt32((int)column.Type);
        }

        writer.WriteEndArray();
    }

    /// <exception cref="CorruptStateException">A type is unknown, or a name is empty or appears twice.</exception>
    public static Schema Read(CborReader reader)
    {
        reader.ReadStartArray();
        var columns = new List<Field>();
        while (reader.PeekState() != CborReaderState.EndArray)
        {
            var name = reader.ReadTextString();
            var number = reader.ReadInt32();
            // Checked before the cast, which would cut 257 down to 1.
            columns.Add(number is > 0 and <= byte.MaxValue && Enum.IsDefined((DataType)number)
                ? new Field(name, (DataType)number)
                : throw new CorruptStateException("schema", $"column '{name}' has the unknown type {number}"));
        }

        reader.ReadEndArray();
        try
        {
            return new Schema(columns);
        }
        catch (ArgumentException cause)
        {
            throw new CorruptStateException("schema", cause.Message.TrimEnd('.'), cause);
        }
    }
}
