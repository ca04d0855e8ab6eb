using System.Formats.Cbor;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>What is predicted, and the schema of the training data, as CBOR.</summary>
static class LabelCodec
{
    const int MostClasses = 1 << 16;

    public static void Write(CborWriter writer, LabelDefinition label, Schema dataSchema)
    {
        if (label.Classes is { Count: > 2 } many)
        {
            WriteMany(writer, label.Expression, many, dataSchema);
            return;
        }

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
        if ((fields, version) is not ((6, 1) or (5, 2)))
        {
            throw new CorruptStateException("label", $"its format has version {version}, this program reads versions 1 and 2");
        }

        var text = reader.ReadTextString();
        string[] names = version == 1 ? [reader.ReadTextString(), reader.ReadTextString()] : Names(reader);
        var number = reader.ReadInt32();
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
            var classes = number == 0 ? null : new ClassNames([.. names], (DataType)number);
            return (new LabelDefinition(expr, classes), schema);
        }
        catch (Exception cause) when (cause is ExpressionSyntaxException or ArgumentException)
        {
            throw new CorruptStateException("label", cause.Message, cause);
        }
    }

    /// <summary>Version 2, which has a list of classes: only for more than two, so that all others stay as they were.</summary>
    static void WriteMany(CborWriter writer, Expr expression, ClassNames classes, Schema dataSchema)
    {
        writer.WriteStartArray(5);
        writer.WriteInt32(2);
        writer.WriteTextString(expression.ToString());
        writer.WriteStartArray(classes.Count);
        foreach (var name in classes.Names)
        {
            writer.WriteTextString(name);
        }

        writer.WriteEndArray();
        writer.WriteInt32((int)classes.Type);
        SchemaCodec.Write(writer, dataSchema);
        writer.WriteEndArray();
    }

    static string[] Names(CborReader reader)
    {
        var count = reader.ReadStartArray();
        if (count is not (> 2 and <= MostClasses) || count > reader.BytesRemaining)
        {
            throw new CorruptStateException("label", $"it has {count?.ToString() ?? "an unknown number of"} classes");
        }

        var names = new string[count.Value];
        foreach (ref var name in names.AsSpan())
        {
            name = reader.ReadTextString();
        }

        reader.ReadEndArray();
        return names;
    }
}
