using System.Buffers;
using System.Buffers.Binary;
using System.Formats.Cbor;
using System.Runtime.InteropServices;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// How a foreign model and the features of rows travel to another process of the same machine and program: never stored, so without
/// versions, in the machine's own order of bytes.
/// </summary>
static class ForeignMessages
{
    /// <summary>All of a model but its content.</summary>
    public static byte[] WriteModel(string runtime, FeatureLayout features, string binding)
    {
        var writer = new CborWriter(CborConformanceMode.Canonical);
        writer.WriteStartArray(5);
        writer.WriteTextString(runtime);
        writer.WriteTextString(binding);
        WriteSpecs(writer, features.Numerics.AsSpan());
        WriteSpecs(writer, features.Categories.AsSpan());
        SchemaCodec.Write(writer, features.Passed);
        writer.WriteEndArray();
        return writer.Encode();
    }

    /// <summary>The model, read by this process's own runtime.</summary>
    /// <exception cref="ArgumentException">The runtime refuses it.</exception>
    /// <exception cref="UnknownRuntimeException">This process has not what runs it.</exception>
    public static IForeignPredictor ReadModel(ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> content)
    {
        var reader = new CborReader(message, CborConformanceMode.Canonical);
        reader.ReadStartArray();
        var (runtime, binding) = (reader.ReadTextString(), reader.ReadTextString());
        var specs = ReadSpecs(reader, FeatureKind.Numeric);
        specs.AddRange(ReadSpecs(reader, FeatureKind.Category));
        var features = new FeatureLayout(specs, SchemaCodec.Read(reader));
        reader.ReadEndArray();
        return ForeignRuntime.Of(runtime).Read(features, content, binding);
    }

    /// <summary>The features of all rows of a buffer: their number, numbers and categories column by column, then columns passed on.</summary>
    public static void WriteFeatures(FeatureBuffer features, IBufferWriter<byte> message)
    {
        var (layout, rows) = (features.Layout, features.RowCount);
        BinaryPrimitives.WriteInt32LittleEndian(message.GetSpan(4), rows);
        message.Advance(4);
        for (var index = 0; index < layout.Numerics.Length; index++)
        {
            message.Write(MemoryMarshal.AsBytes(features.Numeric(index)));
        }

        for (var index = 0; index < layout.Categories.Length; index++)
        {
            message.Write(MemoryMarshal.AsBytes(features.Category(index)));
        }

        if (!layout.Passed.Fields.IsEmpty)
        {
            var writer = new CborWriter(CborConformanceMode.Canonical);
            BatchCodec.Write(writer, new ColumnBatch(layout.Passed, [.. layout.Passed.Names.Select(name => features.Passed[name])]));
            message.Write(writer.Encode());
        }
    }

    /// <param name="features">Gets the rows; its layout is the model's.</param>
    public static void ReadFeatures(ReadOnlyMemory<byte> message, FeatureBuffer features)
    {
        var layout = features.Layout;
        features.Resize(BinaryPrimitives.ReadInt32LittleEndian(message.Span));
        var rest = message[4..];
        for (var index = 0; index < layout.Numerics.Length; index++)
        {
            rest = Take(rest, MemoryMarshal.AsBytes(features.Numeric(index)));
        }

        for (var index = 0; index < layout.Categories.Length; index++)
        {
            rest = Take(rest, MemoryMarshal.AsBytes(features.Category(index)));
        }

        if (!layout.Passed.Fields.IsEmpty)
        {
            features.Passed = BatchCodec.Read(new CborReader(rest, CborConformanceMode.Canonical));
        }
    }

    /// <summary>What a model gives for a row, as two numbers.</summary>
    public static byte[] WriteOutput(ModelOutput output) => MemoryMarshal.AsBytes<int>([(int)output.Link, output.Width]).ToArray();

    public static ModelOutput ReadOutput(ReadOnlySpan<byte> message) =>
        ModelOutput.Of((Link)BinaryPrimitives.ReadInt32LittleEndian(message), BinaryPrimitives.ReadInt32LittleEndian(message[4..]));

    static ReadOnlyMemory<byte> Take(ReadOnlyMemory<byte> message, Span<byte> values)
    {
        message.Span[..values.Length].CopyTo(values);
        return message[values.Length..];
    }

    static void WriteSpecs(CborWriter writer, ReadOnlySpan<FeatureSpec> specs)
    {
        writer.WriteStartArray(2 * specs.Length);
        foreach (var spec in specs)
        {
            writer.WriteTextString(spec.Name);
            writer.WriteInt32(spec.Cardinality);
        }

        writer.WriteEndArray();
    }

    static List<FeatureSpec> ReadSpecs(CborReader reader, FeatureKind kind)
    {
        var specs = new List<FeatureSpec>();
        reader.ReadStartArray();
        while (reader.PeekState() != CborReaderState.EndArray)
        {
            specs.Add(new FeatureSpec(reader.ReadTextString(), kind, reader.ReadInt32()));
        }

        reader.ReadEndArray();
        return specs;
    }
}
