using System.Formats.Cbor;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>What is predicted, and the schema of the training data, as CBOR.</summary>
static class LabelCodec
{
    public static void Write(CborWriter writer, LabelDefinition label, Schema dataSchema)
    {
        writer.WriteStartArray(6);
        writer.WriteInt32(1); // the format's version
        writer.WriteTextString(label.Expression.ToString());
        writer.WriteTextString(label.Classes?.Negative ?? "");
        writer.WriteTextString(label.Classes?.Positive ?? "");
        writer.WriteInt32((int)(label.Classes?.Type ?? 0));
        SchemaCodec.Write(writer, dataSchema);
        writer.WriteEndArray();
    }

    public static (LabelDefinition Label, Schema DataSchema) Read(CborReader reader)
    {
        var fields = reader.ReadStartArray();
        var version = reader.ReadInt32();
        if (fields != 6 || version != 1)
        {
            throw new CorruptStateException("label", $"its format has version {version}, this program reads version 1");
        }

        var text = reader.ReadTextString();
        var (negative, positive, number) = (reader.ReadTextString(), reader.ReadTextString(), reader.ReadInt32());
        var schema = SchemaCodec.Read(reader);
        reader.ReadEndArray();
        // Checked before the cast, which would cut 257 down to 1.
        if (number is < 0 or > byte.MaxValue || (number != 0 && !Enum.IsDefined((DataType)number)))
        {
            throw new CorruptStateException("label", $"its classes have the unknown type {number}");
        }

        try
        {
            var expr = ExprParser.Parse(text);
            var classes = number == 0 ? null : new ClassNames(negative, positive, (DataType)number);
            return (new LabelDefinition(expr, classes), schema);
        }
        catch (ExpressionSyntaxException cause)
        {
            throw new CorruptStateException("label", cause.Message, cause);
        }
    }
}
