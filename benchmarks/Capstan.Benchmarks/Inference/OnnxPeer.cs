using Capstan.Data;
using Microsoft.ML.OnnxRuntime;

namespace Capstan.Benchmarks;

/// <summary>
/// The exported model in ONNX Runtime, on one thread, by its fastest call: inputs and output lie in memory that it was given
/// before, row by row, so that running is all that is timed.
/// </summary>
sealed class OnnxPeer : IDisposable
{
    readonly InferenceSession _session;
    readonly RunOptions _options = new();
    readonly string[] _names;
    readonly string[] _outputs = ["probability"];
    readonly OrtValue[][] _rows;
    readonly float[] _score = new float[1];
    readonly OrtValue[] _result;

    public OnnxPeer(byte[] model, ColumnBatch[] rows)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        _session = new InferenceSession(model, options);
        _names = [.. _session.InputMetadata.Keys];
        _rows = [.. rows.Select(row => _names.Select(name => ValueOf(row[name])).ToArray())];
        _result = [OrtValue.CreateTensorValueFromMemory(_score, [1, 1])];
    }

    public float Run(int row)
    {
        _session.Run(_options, _names, _rows[row], _outputs, _result);
        return _score[0];
    }

    public void Dispose()
    {
        foreach (var value in _rows.SelectMany(row => row).Concat(_result))
        {
            value.Dispose();
        }

        _options.Dispose();
        _session.Dispose();
    }

    static OrtValue ValueOf(Column column)
    {
        switch (column.Type)
        {
            case DataType.Float64:
                return OrtValue.CreateTensorValueFromMemory([column.Float64s[0]], [1, 1]);
            case DataType.Text:
                var text = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, [1, 1]);
                text.StringTensorSetElementAt(((string)column.ValueAt(0)!).AsSpan(), 0); // all rows have one
                return text;
            default:
                return OrtValue.CreateTensorValueFromMemory([column.Int64s[0]], [1, 1]);
        }
    }
}
