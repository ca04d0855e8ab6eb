using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Capstan.Models;
using Capstan.Serving;

namespace Capstan.Service;

/// <summary>
/// Predictions for files of any size: a JSON instance on each line, answered by the very code that answers requests. Results keep
/// the order of the lines; a line that is refused is told in the file of errors and left out of the results, as CMLE did.
/// </summary>
static class BatchPrediction
{
    const int LinesPerRemark = 100_000;

    public static async Task<(long Predictions, long Errors)> RunAsync(
        JobOrder.PredictBatch order, string output, IJobLog log, CancellationToken cancellationToken)
    {
        var scoring = new ModelScoring(new ArtifactModel("model", ArtifactFolder.Read(order.ModelFolder)));
        await using var results = Create(output, "prediction.results-00000-of-00001");
        await using var errors = Create(output, "prediction.errors_stats-00000-of-00001");
        var (predictions, refused) = (0L, 0L);
        var answer = new ArrayBufferWriter<byte>();
        foreach (var file in order.Files)
        {
            log.Write("INFO", $"Reading {Path.GetFileName(file)}.");
            var (first, batch) = (1L, new List<string>());
            using var lines = new StreamReader(file, new UTF8Encoding(false, throwOnInvalidBytes: false));
            while (true)
            {
                var line = await lines.ReadLineAsync(cancellationToken);
                if (line is not null)
                {
                    batch.Add(line);
                }

                if (batch.Count == order.BatchSize || (line is null && batch.Count > 0))
                {
                    // One wrong line refuses its whole batch; then each is asked for alone.
                    if (!await AnswerAsync(scoring, batch, answer, results))
                    {
                        refused += await AnswerEachAsync(scoring, batch, first, Path.GetFileName(file), answer, results, errors);
                    }

                    predictions += batch.Count;
                    first += batch.Count;
                    batch.Clear();
                    if (predictions / LinesPerRemark != (predictions - order.BatchSize) / LinesPerRemark)
                    {
                        log.Write("INFO", $"{predictions:N0} lines read.");
                    }
                }

                if (line is null)
                {
                    break;
                }
            }
        }

        log.Write("INFO",
            string.Create(CultureInfo.InvariantCulture, $"{predictions - refused:N0} predictions, {refused:N0} lines refused."));
        return (predictions - refused, refused);
    }

    static async Task<long> AnswerEachAsync(
        ModelScoring scoring, List<string> batch, long first, string file, ArrayBufferWriter<byte> answer, Stream results,
        Stream errors)
    {
        var refused = 0L;
        foreach (var (index, line) in batch.Index())
        {
            if (line.Trim().Length == 0 || !await AnswerAsync(scoring, [line], answer, results))
            {
                refused++;
                var refusal = line.Trim().Length == 0 ? "the line is empty" : scoring.Predict(Body([line]), answer)?.Message;
                await errors.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(
                    new Dictionary<string, string> { ["file"] = file, ["line"] = $"{first + index}", ["error"] = refusal ?? "" },
                    JsonText.Options));
                await errors.WriteAsync("\n"u8.ToArray());
            }
        }

        return refused;
    }

    /// <returns>False: the batch was refused, and nothing was written.</returns>
    static async Task<bool> AnswerAsync(ModelScoring scoring, IReadOnlyList<string> batch, ArrayBufferWriter<byte> answer,
        Stream results)
    {
        answer.ResetWrittenCount();
        if (scoring.Predict(Body(batch), answer) is not null)
        {
            return false;
        }

        using var document = JsonDocument.Parse(answer.WrittenMemory);
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

        await results.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()));
        return true;
    }

    static ReadOnlySequence<byte> Body(IReadOnlyList<string> batch) =>
        new(Encoding.UTF8.GetBytes($"{{\"instances\":[{string.Join(',', batch)}]}}"));

    static BufferedStream Create(string folder, string name) => new(File.Create(Path.Combine(folder, name)), 1 << 16);
}
