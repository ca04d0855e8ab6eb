using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Capstan.Models.OnnxRuntime.Tests;

/// <summary>Writes small ONNX files as converters do, byte by byte from onnx.proto3: nothing of the reader under test is used.</summary>
sealed class OnnxWriter(string producer = "skl2onnx")
{
    public const int Floats = 1, Ints = 6, Longs = 7, Strings = 8, Bools = 9, Doubles = 11;

    readonly List<byte> _graph = [];

    /// <param name="dimensions">−1 for any size.</param>
    public OnnxWriter Input(string name, int type, params int[] dimensions) => Part(11, Value(name, type, dimensions));

    public OnnxWriter Output(string name, int type, params int[] dimensions) => Part(12, Value(name, type, dimensions));

    /// <summary>An output that is a map from text to number for each row.</summary>
    public OnnxWriter MapOutput(string name, int keyType) => Part(12, [
        .. Field(1, name),
        .. Field(2, Field(4, Field(1, Field(5, [.. Field(1, keyType), .. Field(2, Field(1, Field(1, Floats)))])))),
    ]);

    public OnnxWriter Node(string operation, string[] inputs, string[] outputs, params byte[][] attributes) => Part(1, [
        .. inputs.SelectMany(input => Field(1, input)), .. outputs.SelectMany(output => Field(2, output)), .. Field(4, operation),
        .. attributes.SelectMany(attribute => Field(5, attribute)),
        .. operation is "ZipMap" or "LabelEncoder" or "Made" ? Field(7, operation == "Made" ? "com.nobody" : "ai.onnx.ml") : [],
    ]);

    public OnnxWriter Weights(string name, float[] values, params long[] shape) => Part(5, [
        .. shape.SelectMany(size => Field(1, size)), .. Field(2, Floats), .. Field(8, name), .. Field(9, MemoryMarshal.AsBytes(values.AsSpan()).ToArray()),
    ]);

    public OnnxWriter WeightsElsewhere(string name, params long[] shape) => Part(5, [
        .. shape.SelectMany(size => Field(1, size)), .. Field(2, Floats), .. Field(8, name),
        .. Field(13, [.. Field(1, "location"), .. Field(2, "weights.bin")]), .. Field(14, 1),
    ]);

    public static byte[] Number(string name, long value) => [.. Field(1, name), .. Field(3, value), .. Field(20, 2)];

    public static byte[] Fraction(string name, float value)
    {
        var bytes = new byte[5];
        bytes[0] = 2 << 3 | 5;
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(1), value);
        return [.. Field(1, name), .. bytes, .. Field(20, 1)];
    }

    public static byte[] Numbers(string name, params long[] values) =>
        [.. Field(1, name), .. values.SelectMany(value => Field(8, value)), .. Field(20, 7)];

    public static byte[] Fractions(string name, params float[] values) =>
        [.. Field(1, name), .. Field(7, MemoryMarshal.AsBytes(values.AsSpan()).ToArray()), .. Field(20, 6)];

    public static byte[] Texts(string name, params string[] values) =>
        [.. Field(1, name), .. values.SelectMany(value => Field(9, value)), .. Field(20, 8)];

    /// <summary>What a control flow operator computes.</summary>
    public static byte[] Graph(string name, OnnxWriter graph) =>
        [.. Field(1, name), .. Field(6, [.. graph._graph, .. Field(2, name)]), .. Field(20, 5)];

    public byte[] ToBytes() =>
    [
        .. Field(1, 8), .. Field(2, producer), .. Field(7, [.. _graph, .. Field(2, "model")]),
        .. Field(8, [.. Field(1, ""), .. Field(2, 17)]), .. Field(8, [.. Field(1, "ai.onnx.ml"), .. Field(2, 3)]),
        .. Field(8, [.. Field(1, "com.nobody"), .. Field(2, 1)]),
    ];

    static byte[] Value(string name, int type, int[] dimensions) =>
    [
        .. Field(1, name),
        .. Field(2, Field(1, [
            .. Field(1, type),
            .. Field(2, [.. dimensions.SelectMany(size => Field(1, size < 0 ? Field(2, $"{name}_any") : Field(1, size)))]),
        ])),
    ];

    OnnxWriter Part(int field, byte[] message)
    {
        _graph.AddRange(Field(field, message));
        return this;
    }

    static byte[] Field(int field, long value) => [.. Varint((ulong)(field << 3)), .. Varint((ulong)value)];

    static byte[] Field(int field, string value) => Field(field, Encoding.UTF8.GetBytes(value));

    static byte[] Field(int field, byte[] value) => [.. Varint((ulong)(field << 3 | 2)), .. Varint((ulong)value.Length), .. value];

    static IEnumerable<byte> Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }
}
