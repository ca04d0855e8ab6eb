using System.Collections.Immutable;
using System.Text;
using Capstan.Data;

namespace Capstan.Serving;

/// <summary>
/// Reads a ModelInferRequest of the Open Inference Protocol, version 2 over gRPC, from its bytes straight into columns: every input column as a
/// tensor of shape [rows] or [rows, 1]; one of lists as [rows, texts of each]. Not thread-safe.
/// </summary>
/// <remarks>
/// Source: kserve/open-inference-protocol, specification/protocol/open_inference_grpc.proto. The protocol has no missing values; here a tensor's
/// parameter "missing" names the rows that have none, such as "0,3", whatever stands in their place.
/// </remarks>
sealed class InferMessageReader(Schema inputs, FieldPaths names)
{
    // Field numbers of ModelInferRequest.
    const int ModelName = 1;
    const int ModelVersion = 2;
    const int RequestId = 3;
    public const int Inputs = 5;
    const int RequestedOutputs = 6;
    public const int RawContents = 7;

    readonly ColumnFiller _filler = new(inputs, names);
    readonly TensorMessageReader _tensors = new();

    public ColumnBatch Batch => _filler.Batch;

    /// <summary>The caller's id, to be sent back; empty where there is none.</summary>
    public string Id { get; private set; } = "";

    /// <summary>The outputs that the caller wants, in its order; empty wants all.</summary>
    public ImmutableArray<string> Outputs { get; private set; } = [];

    /// <summary>Whether the inputs came raw, and so the outputs go.</summary>
    public bool IsRaw { get; private set; }

    /// <summary>Which model a request names, without reading the rest of it.</summary>
    /// <exception cref="RefusedRequestException">The message is broken.</exception>
    public static (string Model, string Version) TargetOf(ReadOnlySpan<byte> message) => TextsOf(message, ModelName, ModelVersion);

    /// <summary>Two texts of a message, empty where they are absent.</summary>
    /// <exception cref="RefusedRequestException">The message is broken.</exception>
    public static (string First, string Second) TextsOf(ReadOnlySpan<byte> message, int firstField, int secondField)
    {
        var (first, second) = ("", "");
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            if (reader.Is(firstField, WireType.Bytes))
            {
                first = Encoding.UTF8.GetString(reader.Bytes);
            }
            else if (reader.Is(secondField, WireType.Bytes))
            {
                second = Encoding.UTF8.GetString(reader.Bytes);
            }
        }

        return (first, second);
    }

    /// <exception cref="RefusedRequestException">The message is not what the model takes; nothing of it may be used.</exception>
    public void Read(ReadOnlySpan<byte> message)
    {
        _filler.Clear();
        (Id, Outputs) = ("", []);
        var (tensors, raw) = CountTensors(message);
        IsRaw = raw > 0;
        if (IsRaw && raw != tensors)
        {
            throw new RefusedRequestException(RequestProblems.RawWithoutInput(raw, tensors));
        }

        // Raw contents stand behind all inputs, in their order: a second reader goes along.
        var contents = new ProtobufReader(message);
        var guess = 0;
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            if (reader.Is(Inputs, WireType.Bytes))
            {
                guess = 1 + ReadTensor(reader.Bytes, IsRaw ? NextRaw(ref contents) : default, guess);
            }
            else if (reader.Is(RequestId, WireType.Bytes))
            {
                Id = Encoding.UTF8.GetString(reader.Bytes);
            }
            else if (reader.Is(RequestedOutputs, WireType.Bytes))
            {
                Outputs = TensorWriter.Want(Outputs, TextsOf(reader.Bytes, 1, 0).First);
            }
        }

        _filler.Finish();
    }

    static (int Tensors, int Raw) CountTensors(ReadOnlySpan<byte> message)
    {
        var (tensors, raw) = (0, 0);
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            tensors += reader.Is(Inputs, WireType.Bytes) ? 1 : 0;
            raw += reader.Is(RawContents, WireType.Bytes) ? 1 : 0;
        }

        return (tensors, raw);
    }

    static ReadOnlySpan<byte> NextRaw(ref ProtobufReader contents)
    {
        while (contents.Read() && !contents.Is(RawContents, WireType.Bytes))
        {
            // There is one for each input: they were counted.
        }

        return contents.Bytes;
    }

    /// <returns>The column that was filled, the one that was guessed where none was.</returns>
    int ReadTensor(ReadOnlySpan<byte> message, ReadOnlySpan<byte> raw, int guess)
    {
        var tensor = new TensorMessage(message);
        var index = _filler.Find(tensor.Name, guess);
        if (index < 0)
        {
            return guess;
        }

        if (IsRaw && !tensor.Contents.IsEmpty)
        {
            throw new RefusedRequestException(RequestProblems.RawAndContents(inputs.Fields[index].Name));
        }

        _tensors.Fill(_filler.ColumnAt(index), inputs.Fields[index], tensor, raw, IsRaw);
        return index;
    }
}
