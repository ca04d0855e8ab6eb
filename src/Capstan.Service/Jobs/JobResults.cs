using System.Text.Json.Nodes;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>Puts what a job made where the job says, and how it ended into the registry.</summary>
sealed class JobResults(Engine engine, SourceFiles sources)
{
    public async Task StoreAsync(WorkItem item, JobFolder folder, JobOutcome outcome, CancellationToken cancellationToken)
    {
        var job = await engine.Database.ReadAsync(session =>
            session.Resources.FindAsync(item.Name, cancellationToken), cancellationToken);
        var place = job is null ? null : PlaceOf(job);
        if (place is not null && outcome.State == "SUCCEEDED")
        {
            try
            {
                await KeepOutputAsync(folder, place, cancellationToken);
            }
            catch (Exception trouble) when (
                trouble is IOException or UnauthorizedAccessException or ArgumentException or ServiceException)
            {
                outcome = outcome with { State = "FAILED", Message = $"Its results can't be stored at {place}: " +
                    $"{trouble.Message}" };
            }
        }

        await engine.Database.WriteAsync(async session =>
        {
            if (!await session.Work.TryFinishAsync(item.Name, engine.Holder, cancellationToken) ||
                await session.Resources.FindForUpdateAsync(item.Name, cancellationToken) is not { } found)
            {
                return false;
            }

            Conclude(found, outcome, place);
            var state = found.State == "CANCELLING" && outcome.State == "FAILED" ? "CANCELLED" : outcome.State;
            await session.Resources.TryUpdateAsync(found with { State = state }, cancellationToken);
            return true;
        }, cancellationToken);
    }

    void Conclude(Resource job, JobOutcome outcome, string? place)
    {
        job.Body["endTime"] = WireValue.Instant(engine.Now);
        job.Body.TryAdd("startTime", WireValue.Instant(outcome.StartedAt));
        if (outcome.State == "SUCCEEDED")
        {
            job.Body.Remove("errorMessage");
        }
        else if (outcome.Message is { } message && job.State != "CANCELLING")
        {
            job.Body["errorMessage"] = message;
        }

        var hours = (outcome.EndedAt - outcome.StartedAt).TotalHours;
        if (job.Body["predictionInput"] is not null)
        {
            job.Body["predictionOutput"] = new JsonObject
            {
                ["outputPath"] = place, ["predictionCount"] = $"{outcome.PredictionCount}",
                ["errorCount"] = $"{outcome.ErrorCount}", ["nodeHours"] = hours,
            };
            return;
        }

        // One unit is one machine for one hour.
        var output = new JsonObject { ["consumedMLUnits"] = hours * (outcome.Machines ?? 1) };
        var input = job.Body["trainingInput"] as JsonObject;
        if (input?["hyperparameters"] is JsonObject hyperparameters)
        {
            output["isHyperparameterTuningJob"] = true;
            output["hyperparameterMetricTag"] = $"{hyperparameters["hyperparameterMetricTag"] ?? "training/hptuning/metric"}";
        }

        if (IsPipeline(input) && outcome.State == "SUCCEEDED")
        {
            output["isBuiltInAlgorithmJob"] = true;
            output["builtInAlgorithmOutput"] = new JsonObject { ["framework"] = "CAPSTAN", ["modelPath"] = $"{place}/model" };
        }

        job.Body["trainingOutput"] = output;
    }

    static bool IsPipeline(JsonObject? input) => input?["pipeline"] is not null || $"{input?["pythonModule"]}" == "capstan.train";

    /// <summary>Where results go: where the job says, or into a bucket of the service's own.</summary>
    static string PlaceOf(Resource job) =>
        ((job.Body["predictionInput"] as JsonObject)?["outputPath"] ??
            (job.Body["trainingInput"] as JsonObject)?["jobDir"])?.GetValue<string>().TrimEnd('/')
        ?? $"gs://capstan-jobs/{job.Project}/{job.Id}";

    async Task KeepOutputAsync(JobFolder folder, string place, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder.Output))
        {
            return;
        }

        var key = SourceFiles.KeyOf(place);
        var local = key is null ? sources.LocalPathOf(place) : null;
        foreach (var file in Directory.EnumerateFiles(folder.Output, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (new FileInfo(file).LinkTarget is not null)
            {
                // A trainer could make the server hand out any file that it may read.
                continue;
            }

            var path = Path.GetRelativePath(folder.Output, file);
            await using var content = File.OpenRead(file);
            if (key is not null)
            {
                await engine.Store.WriteAsync($"{key}/{path}", content, cancellationToken);
                continue;
            }

            var target = Path.Combine(local!, path); // one of the two is there
            Directory.CreateDirectory(Path.GetDirectoryName(target)!); // below the place
            await using var copy = File.Create(target);
            await content.CopyToAsync(copy, cancellationToken);
        }
    }
}
