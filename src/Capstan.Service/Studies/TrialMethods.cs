using System.Text.Json.Nodes;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>Trials: suggested, measured, completed.</summary>
sealed class TrialMethods : IMethodGroup
{
    public const string Kind = "trial";

    // The study client takes 429 as "enough".
    const int MostTrials = 1000;

    public IEnumerable<(string Id, Func<ApiRequest, Task<Answer>> Handle)> Methods =>
    [
        ("ml.projects.locations.studies.trials.create", CreateAsync),
        ("ml.projects.locations.studies.trials.get", GetAsync),
        ("ml.projects.locations.studies.trials.list", ListAsync),
        ("ml.projects.locations.studies.trials.delete", DeleteAsync),
        ("ml.projects.locations.studies.trials.suggest", SuggestAsync),
        ("ml.projects.locations.studies.trials.addMeasurement", AddMeasurementAsync),
        ("ml.projects.locations.studies.trials.complete", CompleteAsync),
        ("ml.projects.locations.studies.trials.stop", request =>
            ChangeAsync(request, trial => trial with { State = "STOPPING" })),
        ("ml.projects.locations.studies.trials.checkEarlyStoppingState", CheckEarlyStoppingAsync),
        ("ml.projects.locations.studies.trials.listOptimalTrials", ListOptimalAsync),
    ];

    static JsonObject Render(Resource trial)
    {
        var json = new JsonObject { ["name"] = trial.Name };
        foreach (var (name, value) in trial.Body)
        {
            json[name] = value?.DeepClone();
        }

        json["state"] = trial.State;
        return json;
    }

    static async Task<Answer> CreateAsync(ApiRequest request) => Answer.Of(await request.WriteAsync(async session =>
    {
        _ = await session.Resources.FindForUpdateAsync(request.Name, request.Cancellation) ??
            throw ServiceException.NotFound(request.Name);
        request.Body.Remove("state");
        return Render(await AddAsync(request, session, request.Body, "REQUESTED"));
    }));

    static async Task<Answer> GetAsync(ApiRequest request) => Answer.Of(await request.ReadAsync(async session =>
        Render(await session.Resources.FindAsync(request.Name, request.Cancellation) ??
            throw ServiceException.NotFound(request.Name))));

    static async Task<Answer> ListAsync(ApiRequest request) => Answer.Of(await request.ReadAsync(async session =>
    {
        var trials = await AllAsync(request, session);
        return trials.Count == 0 ? [] : new JsonObject { ["trials"] = new JsonArray([.. trials.Select(Render)]) };
    }));

    static async Task<Answer> DeleteAsync(ApiRequest request) => Answer.Of(await request.WriteAsync(async session =>
        await session.Resources.DeleteAsync(request.Name, request.Cancellation) ? new JsonObject()
            : throw ServiceException.NotFound(request.Name)));

    /// <summary>A client that asks again before its trials are complete gets the same ones: workers may restart.</summary>
    static async Task<Answer> SuggestAsync(ApiRequest request)
    {
        var client = $"{request.Body["clientId"]}";
        var count = request.Body["suggestionCount"]?.GetValue<int>() ?? 0;
        if (client.Length == 0 || count < 1)
        {
            throw ServiceException.Invalid(client.Length == 0 ? "clientId" : "suggestionCount",
                "suggestions are made for a client, one or more at a time.");
        }

        return Answer.Of(await request.WriteAsync(async session =>
        {
            var study = await session.Resources.FindForUpdateAsync(request.Name, request.Cancellation) ??
                throw ServiceException.NotFound(request.Name);
            var all = await AllAsync(request, session);
            var trials =
                all.Where(trial => trial.State == "ACTIVE" && $"{trial.Body["clientId"]}" == client).Take(count).ToList();
            foreach (var requested in all.Where(trial => trial.State == "REQUESTED").Take(count - trials.Count))
            {
                requested.Body["clientId"] = client;
                requested.Body["startTime"] = WireValue.Instant(request.Engine.Now);
                trials.Add(await session.Resources.TryUpdateAsync(requested with { State = "ACTIVE" }, request.Cancellation) ??
                    requested);
            }

            for (var number = all.Count + 1; trials.Count < count; number++)
            {
                if (number > MostTrials)
                {
                    throw new ServiceException(StatusCode.ResourceExhausted,
                        $"'{study.Name}' has {MostTrials} trials, as many as a study takes.");
                }

                var body = new JsonObject
                {
                    ["clientId"] = client,
                    ["startTime"] = WireValue.Instant(request.Engine.Now),
                    ["parameters"] = RandomSuggestion.Of(study.Body["studyConfig"]!.AsObject(), study.Name, number),
                    // checked when it was created
                };
                trials.Add(await AddAsync(request, session, body, "ACTIVE"));
            }

            return await OperationAsync(request, session, "SuggestTrialsMetadata", new JsonObject
            {
                ["study"] = study.Name, ["clientId"] = client, ["suggestionCount"] = count,
            }, "SuggestTrialsResponse", new JsonObject
            {
                ["studyState"] = study.State, ["trials"] = new JsonArray([.. trials.Select(Render)]),
            });
        }));
    }

    static Task<Answer> AddMeasurementAsync(ApiRequest request) => ChangeAsync(request, trial =>
    {
        if (trial.State is "COMPLETED")
        {
            throw new ServiceException(StatusCode.FailedPrecondition,
                $"'{trial.Name}' is COMPLETED; it takes no more measurements.");
        }

        var measurements = trial.Body["measurements"] as JsonArray ?? [];
        trial.Body["measurements"] = measurements.DeepClone();
        trial.Body["measurements"]!.AsArray()
            .Add((request.Body["measurement"] ?? throw ServiceException.Invalid("measurement", "it must be there.")).DeepClone());
        return trial;
    });

    static Task<Answer> CompleteAsync(ApiRequest request) => ChangeAsync(request, trial =>
    {
        if (trial.State is "COMPLETED")
        {
            throw new ServiceException(StatusCode.FailedPrecondition, $"'{trial.Name}' is COMPLETED already.");
        }

        if (request.Body["trialInfeasible"]?.GetValue<bool>() == true)
        {
            trial.Body["trialInfeasible"] = true;
            trial.Body["infeasibleReason"] = $"{request.Body["infeasibleReason"]}";
        }
        else
        {
            // Without a final measurement the last one that was reported is it.
            var final = request.Body["finalMeasurement"] ?? (trial.Body["measurements"] as JsonArray)?.LastOrDefault();
            trial.Body["finalMeasurement"] = (final ?? throw new ServiceException(
                StatusCode.FailedPrecondition, $"'{trial.Name}' has no measurement; send finalMeasurement, or trialInfeasible."))
                    .DeepClone();
        }

        trial.Body["endTime"] = WireValue.Instant(request.Engine.Now);
        return trial with { State = "COMPLETED" };
    });

    static async Task<Answer> CheckEarlyStoppingAsync(ApiRequest request) => Answer.Of(await request.WriteAsync(async session =>
    {
        var trial = await session.Resources.FindAsync(request.Name, request.Cancellation) ??
            throw ServiceException.NotFound(request.Name);
        return await OperationAsync(request, session, "CheckTrialEarlyStoppingStateMetatdata", new JsonObject
        {
            ["study"] = trial.Parent, ["trial"] = trial.Name,
        }, "CheckTrialEarlyStoppingStateResponse", new JsonObject { ["shouldStop"] = trial.State == "STOPPING" });
    }));

    static async Task<Answer> ListOptimalAsync(ApiRequest request) => Answer.Of(await request.ReadAsync(async session =>
    {
        var study = await session.Resources.FindAsync(request.Name, request.Cancellation) ??
            throw ServiceException.NotFound(request.Name);
        var optimal = ParetoTrials.Of(study.Body["studyConfig"]!.AsObject(),
            await AllAsync(request, session)); // checked when it was created
        return optimal.Count == 0 ? [] : new JsonObject { ["trials"] = new JsonArray([.. optimal.Select(Render)]) };
    }));

    static async Task<Answer> ChangeAsync(ApiRequest request, Func<Resource, Resource> change) =>
        Answer.Of(await request.WriteAsync(async session =>
    {
        var trial = await session.Resources.FindForUpdateAsync(request.Name, request.Cancellation) ??
            throw ServiceException.NotFound(request.Name);
        return Render(await session.Resources.TryUpdateAsync(change(trial), request.Cancellation) ??
            throw ServiceException.StaleEtag(trial.Name));
    }));

    static Task<List<Resource>> AllAsync(ApiRequest request, RegistrySession session) => session.Resources.ListAsync(
        request.Name, Kind, ResourceOrder.NewestFirst, (object?)null, ResourceFilter.None, int.MaxValue, request.Cancellation);

    /// <summary>Trials are numbered from 1; numbers of deleted ones are not used again while later ones are there.</summary>
    static async Task<Resource> AddAsync(ApiRequest request, RegistrySession session, JsonObject body, string state)
    {
        var last = (await session.Resources.ListAsync(
            request.Name, Kind, ResourceOrder.NewestFirst, (object?)null, ResourceFilter.None, 1,
            request.Cancellation)).FirstOrDefault();
        var number = last is null ? 1 : int.Parse(last.Id) + 1;
        var trial = new Resource($"{request.Name}/trials/{number}", Kind, request.Name, state, body);
        await session.Resources.TryInsertAsync(trial, request.Cancellation);
        return trial with { Revision = 1 };
    }

    static async Task<JsonObject> OperationAsync(
        ApiRequest request, RegistrySession session, string metadataType, JsonObject metadata, string responseType,
        JsonObject response)
    {
        var now = WireValue.Instant(request.Engine.Now);
        metadata["createTime"] = now;
        response["startTime"] = now;
        response["endTime"] = now;
        var location = string.Join('/', request.Name.Split('/').Take(4));
        var operation = new Resource(
            $"{location}/operations/{request.Engine.Now.ToUnixTimeMilliseconds()}", Operations.Kind, location, "", new JsonObject
            {
                ["metadata"] = Operations.Typed(metadataType, metadata), ["done"] = true,
                ["response"] = Operations.Typed(responseType, response),
            });
        return Operations.Render(await Operations.InsertAsync(session, operation, request.Cancellation));
    }
}
