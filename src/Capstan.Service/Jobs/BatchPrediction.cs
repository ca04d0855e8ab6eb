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
    public const string Results = "prediction.results-00000-of-00001";
    public const string Errors = "prediction.errors_stats-00000-of-00001";

    const int LinesPerRemark = 100_000;

    public static async Task<(long Predictions, long Errors)> RunAsync(
        JobOrder.PredictBatch order, string output, IJobLog log, CancellationToken cancellationToken)
    {
        var model = new ArtifactModel("model", ArtifactFolder.Read(order.ModelFolder));
        try
        {
            return await RunAsync(new LineScoring(new ModelScoring(model)), order, output, log, cancellationToken);
        }
        finally
        {
            model.Rest();
        }
    }

    static async Task<(long Predictions, long Errors)> RunAsync(
        LineScoring scoring, JobOrder.PredictBatch order, string output, IJobLog log, CancellationToken cancellationToken)
    {
        await using var results = Create(output, Results);
        await using var errors = Create(output, Errors);
        var (predictions, refused) = (0L, 0L);
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
                    var wrong = new List<(int Index, string Reason)>();
                    if (scoring.Answer(batch, results, (index, reason) => wrong.Add((index, reason))) is var (place, why))
                    {
                        throw new LinesGivenUpException(Path.GetFileName(file), first + place, why);
                    }

                    foreach (var (index, reason) in wrong)
                    {
                        await errors.WriteAsync(LineScoring.RefusalOf(Path.GetFileName(file), first + index, reason), cancellationToken);
                    }

                    refused += wrong.Count;
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

    static BufferedStream Create(string folder, string name) => new(File.Create(Path.Combine(folder, name)), 1 << 16);
}
