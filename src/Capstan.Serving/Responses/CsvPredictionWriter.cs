using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Capstan.Models;

namespace Capstan.Serving;

/// <summary>
/// Writes predictions as CSV, in the columns that <c>capstan predict</c> writes: <c>prediction</c>, with intervals <c>lower</c> and <c>upper</c>
/// behind it; of a classifier <c>probability</c>, <c>predicted</c> and, of more than two classes, <c>probability_CLASS</c> for each. Not
/// thread-safe.
/// </summary>
sealed class CsvPredictionWriter(IServedModel model, PredictionWriter checks)
{
    // The shortest text of a float that reads back as it.
    const int LongestNumber = 32;

    readonly ArrayBufferWriter<byte> _bytes = new(1024);
    readonly byte[] _header = Encoding.UTF8.GetBytes(string.Join(',', ColumnsOf(model).Select(Quoted)) + "\n");
    readonly byte[][] _labels = model.Labels is { } labels ? [.. labels.Names.Select(name => Encoding.UTF8.GetBytes(Quoted(name)))] : [];
    readonly int _width = model.Output.Width;

    /// <param name="predictions">[rows × predictions each].</param>
    /// <param name="bounds">[rows × 2] where intervals begin and end; empty for none.</param>
    /// <param name="first">The number of the first row, for messages.</param>
    /// <param name="withHeader">Whether a header comes before the rows.</param>
    /// <returns>The UTF-8 answer; valid until the next call.</returns>
    /// <exception cref="RefusedRequestException">A prediction is not finite.</exception>
    public ReadOnlyMemory<byte> Write(ReadOnlySpan<float> predictions, ReadOnlySpan<float> bounds, int first, bool withHeader)
    {
        _bytes.ResetWrittenCount();
        if (withHeader)
        {
            _bytes.Write(_header);
        }

        for (var row = 0; row * _width < predictions.Length; row++)
        {
            var own = predictions.Slice(row * _width, _width);
            if (_labels.Length == 0)
            {
                WriteNumber(own[0], first + row);
                WriteBounds(bounds.IsEmpty ? [] : bounds.Slice(2 * row, 2), first + row);
            }
            else
            {
                WriteClass(own, first + row);
            }

            _bytes.Write("\n"u8);
        }

        return _bytes.WrittenMemory;
    }

    void WriteBounds(ReadOnlySpan<float> bounds, int row)
    {
        foreach (var bound in bounds)
        {
            _bytes.Write(","u8);
            WriteNumber(bound, row);
        }
    }

    void WriteClass(ReadOnlySpan<float> own, int row)
    {
        var likeliest = ModelOutput.LikeliestClass(own);
        WriteNumber(own.Length == 1 ? own[0] : own[likeliest], row);
        _bytes.Write(","u8);
        _bytes.Write(_labels[likeliest]);
        for (var index = 0; own.Length > 1 && index < own.Length; index++)
        {
            _bytes.Write(","u8);
            WriteNumber(own[index], row);
        }
    }

    void WriteNumber(float number, int row)
    {
        if (!float.IsFinite(number))
        {
            checks.RefuseNotFinite(row, number);
        }

        Utf8Formatter.TryFormat(number, _bytes.GetSpan(LongestNumber), out var written);
        _bytes.Advance(written);
    }

    static IEnumerable<string> ColumnsOf(IServedModel model) => model.Labels switch
    {
        null => model.HasIntervals ? ["prediction", "lower", "upper"] : ["prediction"],
        { Count: 2 } => ["probability", "predicted"],
        var labels => [.. (string[])["probability", "predicted"], .. labels.Names.Select(name => $"probability_{name}")],
    };

    static string Quoted(string text) => text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}
