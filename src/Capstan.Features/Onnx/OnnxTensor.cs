using System.Runtime.InteropServices;

namespace Capstan.Features;

/// <summary>Constant tensors in ONNX's form (<c>TensorProto</c>): raw little-endian bytes, row-major; texts one by one.</summary>
static class OnnxTensor
{
    public static void Write(ProtobufWriter tensor, string name, OnnxType type, ReadOnlySpan<long> shape, ReadOnlySpan<byte> raw)
    {
        Begin(tensor, name, type, shape);
        tensor.Bytes(9, raw);
    }

    public static void WriteTexts(ProtobufWriter tensor, string name, ReadOnlySpan<long> shape, IEnumerable<string> values)
    {
        Begin(tensor, name, OnnxType.Text, shape);
        foreach (var value in values)
        {
            tensor.Text(6, value);
        }
    }

    // Every platform that .NET 10 runs these kernels on is little-endian, as ONNX's raw data is.
    public static byte[] BytesOf<T>(ReadOnlySpan<T> values)
        where T : unmanaged => MemoryMarshal.AsBytes(values).ToArray();

    static void Begin(ProtobufWriter tensor, string name, OnnxType type, ReadOnlySpan<long> shape)
    {
        foreach (var size in shape)
        {
            tensor.Number(1, size);
        }

        tensor.Number(2, (int)type);
        tensor.Text(8, name);
    }
}
