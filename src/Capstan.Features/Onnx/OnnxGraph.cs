using System.Diagnostics;
using System.Globalization;

namespace Capstan.Features;

/// <summary>
/// An ONNX model under construction: inputs, constants, operators and outputs, each value written once however often it is
/// asked for. Rows are the first dimension of everything; scalars are [1, 1] and broadcast. Not thread-safe.
/// </summary>
/// <remarks>Source: the ONNX IR specification; version 10, operator sets ai.onnx 21, ai.onnx.ml 4 and com.microsoft 1.</remarks>
public sealed partial class OnnxGraph
{
    /// <summary>Protobuf readers take messages up to 2³¹ − 1 bytes; some room is left for all that is not weights.</summary>
    const long MaxConstantBytes = 2_000_000_000;

    const string MachineLearning = "ai.onnx.ml";
    const string Microsoft = "com.microsoft";

    readonly List<Action<ProtobufWriter>> _constants = [];
    readonly List<Action<ProtobufWriter>> _inputs = [];
    readonly List<Action<ProtobufWriter>> _outputs = [];
    readonly HashSet<string> _names = new(StringComparer.Ordinal);
    List<Action<ProtobufWriter>> _nodes = [];
    Dictionary<string, OnnxValue> _known = new(StringComparer.Ordinal);
    readonly List<(string Key, string Value)> _metadata = [];
    long _constantBytes;

    /// <summary>A required [rows × 1] input; its name is kept, so inputs are declared before anything else.</summary>
    /// <param name="isWide">Whether it has any number of columns instead of one.</param>
    public OnnxValue Input(string name, OnnxType type, string description, bool isWide = false)
    {
        var value = new OnnxValue(Unique(name), type);
        _inputs.Add(graph => WriteDeclaration(graph, value, "rows", 11, description, isWide ? $"{value.Name}_columns" : null));
        return value;
    }

    /// <summary>A boolean [rows × 1] input that may be left out: it is false for every row then.</summary>
    public OnnxValue OptionalFlag(string name, string description)
    {
        var value = new OnnxValue(Unique(name), OnnxType.Boolean);
        // No fixed row dimension: the value that stands in for it is [1 × 1].
        _inputs.Add(graph => WriteDeclaration(graph, value, $"{value.Name}_rows", 11, description));
        _constants.Add(graph => graph.Message(5, tensor => OnnxTensor.Write(tensor, value.Name, OnnxType.Boolean, [1, 1], [0])));
        return value;
    }

    /// <summary>A [1 × 1] constant.</summary>
    public OnnxValue Constant(double value) =>
        Constant(OnnxType.Float64, [1, 1], [value], Hex(BitConverter.DoubleToInt64Bits(value)));

    /// <inheritdoc cref="Constant(double)"/>
    public OnnxValue Constant(float value) =>
        Constant(OnnxType.Float32, [1, 1], [value], Hex(BitConverter.SingleToInt32Bits(value)));

    /// <inheritdoc cref="Constant(double)"/>
    public OnnxValue Constant(long value) => Constant(OnnxType.Int64, [1, 1], [value], Hex(value));

    /// <inheritdoc cref="Constant(double)"/>
    public OnnxValue Constant(bool value) =>
        Constant<byte>(OnnxType.Boolean, [1, 1], [value ? (byte)1 : (byte)0], value ? "1" : "0");

    /// <inheritdoc cref="Constant(double)"/>
    public OnnxValue Constant(string value) => Known($"text:{value}", () =>
    {
        var result = Fresh("text", OnnxType.Text);
        _constants.Add(graph => graph.Message(5, tensor => OnnxTensor.WriteTexts(tensor, result.Name, [1, 1], [value])));
        return result;
    });

    /// <summary>A [1 × values.Count] constant.</summary>
    public OnnxValue Texts(IReadOnlyCollection<string> values)
    {
        var result = Fresh("texts", OnnxType.Text);
        _constants.Add(
            graph => graph.Message(5, tensor => OnnxTensor.WriteTexts(tensor, result.Name, [1, values.Count], values)));
        return result;
    }

    /// <summary>A [values.Length] constant, written once for the same values.</summary>
    public OnnxValue Constants(ReadOnlySpan<long> values) =>
        Constant(OnnxType.Int64, [values.Length], values.ToArray(), $"[{string.Join(',', values.ToArray())}]");

    /// <summary>A row-major tensor, such as weights.</summary>
    /// <exception cref="OnnxNotSupportedException">All constants together are larger than an ONNX file can be.</exception>
    public OnnxValue Tensor<T>(string name, OnnxType type, ReadOnlySpan<long> shape, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var (sizes, bytes) = (shape.ToArray(), OnnxTensor.BytesOf(values));
        if ((_constantBytes += bytes.Length) > MaxConstantBytes)
        {
            throw new OnnxNotSupportedException(
                name, $"with it the constants take {_constantBytes:N0} bytes, and an ONNX file holds 2 GB; use smaller " +
                    $"vocabularies or fewer hash buckets.");
        }

        var result = Fresh(name, type);
        _constants.Add(graph => graph.Message(5, tensor => OnnxTensor.Write(tensor, result.Name, type, sizes, bytes)));
        return result;
    }

    /// <summary>What an operator yields for some operands; the same for the same operator, operands and attributes.</summary>
    public OnnxValue Apply(
        string operation, OnnxType type, ReadOnlySpan<OnnxValue> operands, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        var (names, settings) = (new string[operands.Length], attributes.ToArray());
        for (var index = 0; index < names.Length; index++)
        {
            names[index] = operands[index].Name;
        }

        var keys = settings.Select(attribute => attribute.Key).ToArray();
        return keys.Contains(null) ? Write() : Known(
            $"{operation}\0{string.Join('\0', names)}\0\0{string.Join('\0', keys)}", Write);

        OnnxValue Write()
        {
            var result = Fresh(operation, type);
            _nodes.Add(graph => graph.Message(1, node => WriteNode(node, operation, names, [result.Name], settings)));
            return result;
        }
    }

    /// <summary>
    /// What an operator of several results yields, in their order; the same for the same operator, operands and attributes.
    /// </summary>
    public OnnxValue[] ApplyForAll(string operation, OnnxType[] types, OnnxValue[] operands, params OnnxAttribute[] attributes)
    {
        string[] names = [.. operands.Select(operand => operand.Name)];
        var keys = attributes.Select(attribute => attribute.Key ?? throw new UnreachableException());
        var key = $"{operation}\0{string.Join('\0', names)}\0\0{string.Join('\0', keys)}\0\0";
        var isWritten = _known.ContainsKey($"{key}0");
        OnnxValue[] results = [.. types.Select((type, index) => Known($"{key}{index}", () => Fresh(operation, type)))];
        if (!isWritten)
        {
            _nodes.Add(graph => graph.Message(
                1, node => WriteNode(node, operation, names, [.. results.Select(result => result.Name)], attributes)));
        }

        return results;
    }

    /// <summary>An output [rows × 1] with this name, or the next free one: the name with underscores behind it.</summary>
    public void Output(string name, OnnxValue value, string description)
    {
        var output = new OnnxValue(Unique(name), value.Type);
        _nodes.Add(graph => graph.Message(1, node => WriteNode(node, "Identity", [value.Name], [output.Name], [])));
        _outputs.Add(graph => WriteDeclaration(graph, output, "rows", 12, description));
    }

    /// <summary>Something about the model for programs that read it, beside the graph.</summary>
    public void Metadata(string key, string value) => _metadata.Add((key, value));

    /// <summary>The model as the bytes of an <c>.onnx</c> file; the same for the same calls.</summary>
    /// <param name="description">For people who open the file in a viewer.</param>
    public byte[] ToBytes(string description)
    {
        var model = new ProtobufWriter();
        model.Number(1, 10);
        model.Text(2, "Capstan");
        model.Text(6, description);
        model.Message(7, graph =>
        {
            WriteAll(graph, _nodes);
            graph.Text(2, "model");
            WriteAll(graph, _constants);
            WriteAll(graph, _inputs);
            WriteAll(graph, _outputs);
        });
        WriteOperatorSet(model, "", 21);
        WriteOperatorSet(model, MachineLearning, 4);
        WriteOperatorSet(model, Microsoft, 1);
        foreach (var (key, value) in _metadata)
        {
            model.Message(14, entry =>
            {
                entry.Text(1, key);
                entry.Text(2, value);
            });
        }

        return model.Written.ToArray();
    }

    static void WriteAll(ProtobufWriter graph, List<Action<ProtobufWriter>> parts)
    {
        foreach (var write in parts)
        {
            write(graph);
        }
    }

    static void WriteOperatorSet(ProtobufWriter model, string domain, int version) => model.Message(8, set =>
    {
        set.Text(1, domain);
        set.Number(2, version);
    });

    static void WriteNode(ProtobufWriter node, string operation, string[] inputs, string[] outputs, OnnxAttribute[] attributes)
    {
        foreach (var input in inputs)
        {
            node.Text(1, input);
        }

        foreach (var output in outputs)
        {
            node.Text(2, output);
        }

        node.Text(3, outputs[0]);
        node.Text(4, operation);
        foreach (var attribute in attributes)
        {
            node.Message(5, message =>
            {
                message.Text(1, attribute.Name);
                attribute.WriteTo(message);
            });
        }

        if (DomainOf(operation) is { Length: > 0 } domain)
        {
            node.Text(7, domain);
        }
    }

    static string DomainOf(string operation) => operation switch
    {
        "LabelEncoder" or "TreeEnsembleRegressor" => MachineLearning,
        "MurmurHash3" or "Tokenizer" => Microsoft,
        _ => "",
    };

    static void WriteDeclaration(ProtobufWriter graph, OnnxValue value, string rows, int field, string description,
        string? columns = null) => graph.Message(field, info =>
    {
        info.Text(1, value.Name);
        info.Message(2, type => type.Message(1, tensor =>
        {
            tensor.Number(1, (int)value.Type);
            tensor.Message(2, shape =>
            {
                shape.Message(1, dimension => dimension.Text(2, rows));
                shape.Message(1, dimension =>
                {
                    if (columns is null)
                    {
                        dimension.Number(1, 1);
                    }
                    else
                    {
                        dimension.Text(2, columns);
                    }
                });
            });
        }));
        info.Text(3, description);
    });

    OnnxValue Constant<T>(OnnxType type, long[] shape, T[] values, string key)
        where T : unmanaged => Known($"{type}:{key}", () => Tensor<T>("constant", type, shape, values));

    OnnxValue Known(string key, Func<OnnxValue> make)
    {
        if (!_known.TryGetValue(key, out var value))
        {
            _known.Add(key, value = make());
        }

        return value;
    }

    OnnxValue Fresh(string kind, OnnxType type) =>
        new(Unique(string.Create(CultureInfo.InvariantCulture, $"{kind}/{_names.Count}")), type);

    string Unique(string name)
    {
        while (!_names.Add(name))
        {
            name += "_";
        }

        return name;
    }

    static string Hex(long bits) => bits.ToString("x", CultureInfo.InvariantCulture);
}
