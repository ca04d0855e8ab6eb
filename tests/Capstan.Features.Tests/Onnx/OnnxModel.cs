using Capstan.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Capstan.Features.Tests.Onnx;

/// <summary>An exported model in ONNX Runtime, fed with batches as the export's documentation says.</summary>
sealed class OnnxModel : IDisposable
{
    readonly InferenceSession _session;

    public OnnxModel(byte[] bytes)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        _session = new InferenceSession(bytes, options);
    }

    public IReadOnlyList<string> Inputs => [.. _session.InputMetadata.Keys];

    public IReadOnlyList<string> Optional => [.. _session.OverridableInitializerMetadata.Keys];

    public IReadOnlyList<string> Outputs => [.. _session.OutputMetadata.Keys];

    /// <summary>The outputs by name, [rows] each: float[], long[] or double[].</summary>
    /// <param name="flags">Whether to tell what is missing; without, nothing may be.</param>
    public Dictionary<string, Array> Run(ColumnBatch rows, bool flags = true)
    {
        var inputs = InputsOf(rows, flags);
        using var results = _session.Run(inputs);
        return results.ToDictionary(
            result => result.Name,
            result => (Array)(result.ElementType switch
            {
                TensorElementType.Int64 => result.AsTensor<long>().ToArray(),
                TensorElementType.Double => result.AsTensor<double>().ToArray(),
                _ => result.AsTensor<float>().ToArray(),
            }));
    }

    public void Dispose() => _session.Dispose();

    static IEnumerable<NamedOnnxValue> ListInputs(string name, string[]?[] lists)
    {
        var width = lists.Select(list => list?.Length ?? 0).DefaultIfEmpty().Max();
        string[] items = [.. lists.SelectMany(list => (list ?? []).Concat(Enumerable.Repeat("not a value", width)).Take(width))];
        long[] counts = [.. lists.Select(list => list?.Length ?? -1L)];
        return
        [
            NamedOnnxValue.CreateFromTensor(name, new DenseTensor<string>(items, [lists.Length, width])),
            NamedOnnxValue.CreateFromTensor($"{name}_count", new DenseTensor<long>(counts, [lists.Length, 1])),
        ];
    }

    List<NamedOnnxValue> InputsOf(ColumnBatch rows, bool flags)
    {
        var inputs = new List<NamedOnnxValue>();
        foreach (var name in Inputs.Where(name => rows.Schema.IndexOf(name) >= 0))
        {
            var column = rows[name];
            if (column.Type == DataType.TextList)
            {
                inputs.AddRange(ListInputs(name, [.. Enumerable.Range(0, rows.RowCount).Select(row => (string[]?)column.ValueAt(row))]));
                continue;
            }

            inputs.Add(column.Type switch
            {
                DataType.Float64 => Of(row => column.IsPresent(row) ? column.Float64s[row] : double.NaN),
                DataType.Int64 => Of(row => column.IsPresent(row) ? column.Int64s[row] : -77),
                DataType.Timestamp => Of(row => column.IsPresent(row) ? column.Int64s[row] : long.MinValue),
                DataType.Boolean => Of(row => !column.IsPresent(row) || column.BooleanAt(row)),
                _ => Of(row => column.IsPresent(row) ? (string)column.ValueAt(row)! : "not a value"),
            });

            NamedOnnxValue Of<T>(Func<int, T> valueAt) => Tensor(name, valueAt);
        }

        foreach (var flag in flags ? Optional : [])
        {
            var column = rows[flag[..flag.LastIndexOf("_missing", StringComparison.Ordinal)]];
            inputs.Add(Tensor(flag, row => !column.IsPresent(row)));
        }

        return inputs;

        NamedOnnxValue Tensor<T>(string name, Func<int, T> valueAt) => NamedOnnxValue.CreateFromTensor(
            name, new DenseTensor<T>(Enumerable.Range(0, rows.RowCount).Select(valueAt).ToArray(), [rows.RowCount, 1]));
    }
}
