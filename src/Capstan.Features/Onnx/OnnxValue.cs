namespace Capstan.Features;

/// <summary>What a tensor holds; the numbers are those of ONNX's <c>TensorProto.DataType</c>.</summary>
public enum OnnxType
{
    Float32 = 1,
    Int64 = 7,
    Text = 8,
    Boolean = 9,
    Float64 = 11,
    UInt32 = 12,
}

/// <summary>A named tensor of a graph: an input, a constant, or what an operator yields.</summary>
public readonly record struct OnnxValue(string Name, OnnxType Type);
