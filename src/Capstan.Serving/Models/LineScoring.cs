using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Capstan.Serving;

/// <summary>
/// Predictions for lines of JSON, an instance on each, by the very code that answers requests. What a line is answered with depends on the line
/// alone, whichever others are asked for with it. Not thread-safe: one for each thread, over one scoring.
/// </summary>
public sealed class LineScoring(ModelScoring scoring)
{
    readonly ArrayBufferWriter<byte> _answer = new();

    /// <summary>What a file of errors says of a line that is refused, with the line's end.</summary>
    /// <param name="file">The name of the line's file.</param>
    /// <param name="line">From 1.</param>
    public static byte[] RefusalOf(string file, long line, string reason)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, ResponseJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("file"u8, file);
            json.WriteString("line"u8, $"{line}");
            json.WriteString("error"u8, reason);
            json.WriteEndObject();
        }

        text.Write("\n"u8);
        return text.WrittenSpan.ToArray();
    }

    /// <param name="lines">A batch of them.</param>
    /// <param name="results">Gets a line for each that is answered, in their order.</param>
    /// <param name="refused">Told the index of each that is not, and why.</param>
    public void Answer(IReadOnlyList<string> lines, Stream results, Action<int, string> refused)
    {
        if (TryAnswer(lines, results))
        {
            return;
        }

        // One wrong line refuses its whole batch; then each is asked for alone.
        foreach (var (index, line) in lines.Index())
        {
            if (line.Trim().Length == 0)
            {
                refused(index, "the line is empty");
            }
            else if (!TryAnswer([line], results))
            {
                _answer.ResetWrittenCount();
                refused(index, scoring.Predict(Body([line]), _answer)?.Message ?? "the line is not one instance");
            }
        }
    }

    /// <returns>False: the batch was refused, and nothing was written.</returns>
    bool TryAnswer(IReadOnlyList<string> batch, Stream results)
    {
        _answer.ResetWrittenCount();
        if (scoring.Predict(Body(batch), _answer) is not null)
        {
            return false;
        }

        using var document = JsonDocument.Parse(_answer.WrittenMemory);
        var predictions = document.RootElement.GetProperty("predictions");
        if (predictions.GetArrayLength() != batch.Count)
        {
            // A line such as "{…},{…}" is two instances to the body, and none of this file's.
            return false;
        }

        var text = new StringBuilder();
        foreach (var prediction in predictions.EnumerateArray())
        {
            text.Append(prediction.GetRawText()).Append('\n');
        }

        results.Write(Encoding.UTF8.GetBytes(text.ToString()));
        return true;
    }

    static ReadOnlySequence<byte> Body(IReadOnlyList<string> batch) =>
        new(Encoding.UTF8.GetBytes($"{{\"instances\":[{string.Join(',', batch)}]}}"));
}
