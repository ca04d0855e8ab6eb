using System.Collections.Immutable;

namespace Capstan.Models.OnnxRuntime;

/// <summary>
/// What ONNX Runtime does not tell of a model and its outputs' meaning depends on: which operator computes an output, and the
/// classes
/// that classifying operators name.
/// </summary>
/// <remarks>Source: onnx.proto3 (ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto), IR version 10.</remarks>
sealed class OnnxNodes
{
    // What changes an output's shape or type but not what its numbers mean.
    static readonly HashSet<string> Transparent =
        ["Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "ArrayFeatureExtractor"];

    readonly Dictionary<string, Node> _producers = new(StringComparer.Ordinal);

    /// <exception cref="FormatException">The bytes are no protobuf message.</exception>
    public OnnxNodes(ReadOnlySpan<byte> model)
    {
        var reader = new ProtobufReader(model);
        while (reader.Next())
        {
            if (reader.Field == 7)
            {
                ReadGraph(reader.Bytes);
            }
        }
    }

    /// <summary>Whether weights lie in other files.</summary>
    public bool HasExternalData { get; private set; }

    /// <summary>The operator that gives an output its meaning; null if none is found.</summary>
    public string? OperatorOf(string output) => Meaning(output)?.Operator;

    /// <summary>The classes that the output's operator names, or any other of the graph does; empty if none does.</summary>
    public (ImmutableArray<string> Names, bool AreNumbers) ClassesOf(string output)
    {
        var own = Meaning(output)?.Classes ?? default;
        return own.Names.IsDefaultOrEmpty
            ? _producers.Values.Select(node => node.Classes)
                .FirstOrDefault(classes => !classes.Names.IsDefaultOrEmpty, ([], false))
            : own;
    }

    Node? Meaning(string output)
    {
        var name = output;
        for (var step = 0; step < _producers.Count && _producers.TryGetValue(name, out var node); step++)
        {
            if (!Transparent.Contains(node.Operator) || node.FirstInput is null)
            {
                return node;
            }

            name = node.FirstInput;
        }

        return null;
    }

    void ReadGraph(ReadOnlySpan<byte> graph)
    {
        var reader = new ProtobufReader(graph);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                ReadNode(reader.Bytes);
            }
            else if (reader.Field == 5)
            {
                var tensor = new ProtobufReader(reader.Bytes);
                while (tensor.Next())
                {
                    HasExternalData |= tensor.Field == 14 && tensor.Number == 1;
                }
            }
        }
    }

    void ReadNode(ReadOnlySpan<byte> node)
    {
        var (operation, firstInput, outputs) = ("", (string?)null, new List<string>());
        var (names, numbers) = (new List<string>(), new List<long>());
        var reader = new ProtobufReader(node);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    firstInput ??= reader.Text;
                    break;
                case 2:
                    outputs.Add(reader.Text);
                    break;
                case 4:
                    operation = reader.Text;
                    break;
                case 5:
                    ReadClasses(reader.Bytes, names, numbers);
                    break;
            }
        }

        ImmutableArray<string> classes = names.Count > 0
            ? [.. names]
            : [.. numbers.Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        foreach (var output in outputs)
        {
            _producers[output] = new Node(operation, firstInput, (classes, names.Count == 0));
        }
    }

    static void ReadClasses(ReadOnlySpan<byte> attribute, List<string> names, List<long> numbers)
    {
        var (name, texts, values) = ("", new List<string>(), new List<long>());
        var reader = new ProtobufReader(attribute);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    name = reader.Text;
                    break;
                case 8:
                    reader.AddNumbers(values);
                    break;
                case 9:
                    texts.Add(reader.Text);
                    break;
            }
        }

        if (name.StartsWith("classlabels_", StringComparison.Ordinal))
        {
            names.AddRange(texts);
            numbers.AddRange(values);
        }
    }

    sealed record Node(string Operator, string? FirstInput, (ImmutableArray<string> Names, bool AreNumbers) Classes);
}
