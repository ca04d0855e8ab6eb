using System.Buffers;
using System.Text;
using System.Text.Json;
using Capstan.Models;

namespace Capstan.Serving;

/// <summary>
/// Predictions for lines of JSON, an instance on each, by the very code that answers requests. What a line is answered with depends on the line
/// alone, whichever others are asked for with it. Not thread-safe: one for each thread, over one scoring.
/// </summary>
/// <remarks>
/// A line under which the process of a model of another program ends is refused like any other, and a new process goes on with the next. A model
/// whose process ends under one line after the other is given up, as starting it for each would take longer than anybody waits.
/// </remarks>
public sealed class LineScoring(ModelScoring scoring)
{
    /// <summary>How many lines in a row a model's process may end under before it is given up.</summary>
    public const int MostLostInARow = 10;

    readonly ArrayBufferWriter<byte> _answer = new();
    int _lost;

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
    /// <returns>Where and why the model was given up; null: it was not, and all lines are dealt with.</returns>
    public GivenUp? Answer(IReadOnlyList<string> lines, Stream results, Action<int, string> refused)
    {
        if (lines.Count > 1 && TryAnswer(lines, results, out _))
        {
            _lost = 0;
            return null;
        }

        // One wrong line refuses its whole batch; then each is asked for alone.
        foreach (var (index, line) in lines.Index())
        {
            if (line.Trim().Length == 0)
            {
                refused(index, "the line is empty");
            }
            else if (TryAnswer([line], results, out var refusal))
            {
                _lost = 0;
            }
            else if (refusal?.Foreign is not { } failure)
            {
                refused(index, refusal?.Message ?? "the line is not one instance");
            }
            else if (failure.Failure == ForeignFailure.NotStarted)
            {
                return new GivenUp(index, $"the process of its imported model can't be started: {failure.Problem}");
            }
            else
            {
                _lost = failure.Failure == ForeignFailure.Lost ? _lost + 1 : 0;
                refused(index, $"the imported model fails on it: {failure.Problem}");
                if (_lost == MostLostInARow)
                {
                    return new GivenUp(index, $"it is the {_lost}th in a row on which its imported model fails: {failure.Problem}");
                }
            }
        }

        return null;
    }

    /// <returns>False: the batch was refused, or holds other than an instance on each line, and nothing was written.</returns>
    bool TryAnswer(IReadOnlyList<string> batch, Stream results, out ScoringRefusal? refusal)
    {
        _answer.ResetWrittenCount();
        refusal = scoring.Predict(Body(batch), _answer);
        if (refusal is not null)
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
