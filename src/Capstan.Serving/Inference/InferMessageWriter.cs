using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Capstan.Data;
using Capstan.Models;

namespace Capstan.Serving;

/// <summary>
/// Writes a ModelInferResponse of the Open Inference Protocol, version 2 over gRPC: the outputs of <see cref="TensorWriter"/>, raw where the
/// inputs came raw. Not thread-safe.
/// </summary>
/// <remarks>Source: kserve/open-inference-protocol, specification/protocol/open_inference_grpc.proto.</remarks>
sealed class InferMessageWriter(IServedModel model, PredictionWriter checks)
{
    // Field numbers of ModelInferResponse, of InferOutputTensor, and of InferTensorContents.
    const int Outputs = 5;
    const int RawContents = 6;
    const int Shape = 3;
    const int Contents = 5;

    readonly ProtobufWriter _message = new();
    readonly ImmutableArray<string> _outputs = TensorWriter.OutputsOf(model);
    readonly LabelElement[] _labels = model.Labels is { } labels ? [.. labels.Names.Select(name => new LabelElement(name, labels.Type))] : [];
    readonly int _width = model.Output.Width;

    /// <param name="predictions">[rows × predictions each].</param>
    /// <param name="version">Who answers.</param>
    /// <param name="wanted">The outputs to answer; empty answers all.</param>
    /// <param name="isRaw">Whether the contents are raw.</param>
    /// <returns>The message behind the prefix that gRPC wants; valid until the next call.</returns>
    /// <exception cref="RefusedRequestException">There is no such output, or a prediction is not finite.</exception>
    public ReadOnlyMemory<byte> Write(ReadOnlySpan<float> predictions, string version, string id, ImmutableArray<string> wanted, bool isRaw)
    {
        for (var index = 0; index < predictions.Length; index++)
        {
            if (!float.IsFinite(predictions[index]))
            {
                checks.RefuseNotFinite(index / _width, predictions[index]);
            }
        }

        wanted = wanted.IsEmpty ? _outputs : wanted;
        GrpcFrame.Begin(_message);
        _message.WriteText(1, model.Name);
        _message.WriteText(2, version);
        _message.WriteText(3, id);
        foreach (var output in wanted)
        {
            if (!_outputs.Contains(output))
            {
                throw new RefusedRequestException(RequestProblems.UnknownOutput(output, _outputs));
            }

            WriteOutput(output, predictions, isRaw);
        }

        if (isRaw)
        {
            foreach (var output in wanted)
            {
                var begun = _message.Begin(RawContents);
                WriteElements(output, predictions, isRaw: true);
                _message.End(begun);
            }
        }

        return GrpcFrame.End(_message);
    }

    void WriteOutput(string output, ReadOnlySpan<float> predictions, bool isRaw)
    {
        var tensor = _message.Begin(Outputs);
        _message.WriteText(1, output);
        _message.WriteText(2, TensorWriter.TypeOf(model, output));
        var shape = _message.Begin(Shape);
        _message.WriteVarint((ulong)(predictions.Length / _width));
        if (output == "probabilities")
        {
            _message.WriteVarint((ulong)_width);
        }

        _message.End(shape);
        if (!isRaw)
        {
            var contents = _message.Begin(Contents);
            WriteContents(output, predictions);
            _message.End(contents);
        }

        _message.End(tensor);
    }

    void WriteContents(string output, ReadOnlySpan<float> predictions)
    {
        var type = ElementType.Find(Encoding.UTF8.GetBytes(TensorWriter.TypeOf(model, output)))!; // Ours are among the protocol's.
        if (type.IsText)
        {
            for (var row = 0; row * _width < predictions.Length; row++)
            {
                _message.WriteText(type.ContentsField, LabelOf(predictions, row).Text);
            }

            return;
        }

        var packed = _message.Begin(type.ContentsField);
        WriteElements(output, predictions, isRaw: false);
        _message.End(packed);
    }

    void WriteElements(string output, ReadOnlySpan<float> predictions, bool isRaw)
    {
        if (output == "probabilities")
        {
            foreach (var probability in predictions)
            {
                _message.WriteSingle(probability);
            }

            return;
        }

        for (var row = 0; row * _width < predictions.Length; row++)
        {
            if (output == "label")
            {
                LabelOf(predictions, row).Write(_message, isRaw);
            }
            else
            {
                var own = predictions.Slice(row * _width, _width);
                _message.WriteSingle(own.Length == 1 ? own[0] : own[ModelOutput.LikeliestClass(own)]);
            }
        }
    }

    LabelElement LabelOf(ReadOnlySpan<float> predictions, int row) =>
        _labels[ModelOutput.LikeliestClass(predictions.Slice(row * _width, _width))];

    /// <summary>A class as the element of a tensor.</summary>
    sealed class LabelElement(string text, DataType type)
    {
        readonly byte[] _utf8 = Encoding.UTF8.GetBytes(text);
        readonly long _integer = type == DataType.Int64 ? long.Parse(text, CultureInfo.InvariantCulture) : text == "true" ? 1 : 0;
        readonly double _number = type == DataType.Float64 ? double.Parse(text, CultureInfo.InvariantCulture) : 0;

        public string Text { get; } = text;

        public void Write(ProtobufWriter message, bool isRaw)
        {
            switch (type)
            {
                case DataType.Int64 when isRaw:
                    message.WriteFixed64((ulong)_integer);
                    break;
                case DataType.Int64:
                    message.WriteVarint((ulong)_integer);
                    break;
                case DataType.Float64:
                    message.WriteDouble(_number);
                    break;
                case DataType.Boolean:
                    message.WriteByte((byte)_integer);
                    break;
                default:
                    // Only raw: typed texts are fields of their own.
                    message.WriteFixed32((uint)_utf8.Length);
                    message.WriteRaw(_utf8);
                    break;
            }
        }
    }
}
