using System.Diagnostics;
using System.Text.Json.Nodes;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>Jobs: training and batch prediction.</summary>
sealed class JobMethods : IMethodGroup
{
    public const string Kind = "job";

    /// <summary>In a job's body, and in none of its answers: the span of the request that made it, as W3C's traceparent.</summary>
    public const string Trace = "trace";

    /// <summary>In both interfaces, each with its own messages.</summary>
    public IEnumerable<(string Id, Func<ApiRequest, Task<Answer>> Handle)> Methods =>
    [
        ("ml.projects.jobs.create", CreateAsync),
        ("ml.projects.jobs.submit", CreateAsync),
        ("ml.projects.jobs.get", GetAsync),
        ("ml.projects.jobs.read", GetAsync),
        ("ml.projects.jobs.list", ListAsync),
        ("ml.projects.jobs.patch", PatchAsync),
        ("ml.projects.jobs.cancel", CancelAsync),
        ("ml.projects.jobs.listLogEntries", ListLogEntriesAsync),
    ];

    /// <summary>A job as it is answered.</summary>
    public static JsonObject Render(Resource job)
    {
        var json = new JsonObject { ["jobId"] = job.Id };
        foreach (var (name, value) in job.Body.Where(field => field.Key != Trace))
        {
            json[name] = value?.DeepClone();
        }

        json["state"] = job.State;
        json["etag"] = job.Etag;
        return json;
    }

    public static bool IsOver(string state) => state is "SUCCEEDED" or "FAILED" or "CANCELLED";

    static async Task<Answer> CreateAsync(ApiRequest request)
    {
        ResourceRules.RequireProject(request.Project);
        ResourceRules.RequireLabels(request.Body);
        var collection = $"{request.Name}/jobs";
        var name = $"{collection}/{ResourceRules.IdOf(request.Body, "jobId", collection)}";
        JobRules.Require(request.Body);
        request.Body.Remove("jobId");
        request.Body.Remove("etag");
        request.Body["createTime"] = WireValue.Instant(request.Engine.Now);
        if (Activity.Current is { } span && span.Source.HasListeners())
        {
            request.Body[Trace] = span.Id;
        }

        var priority = (request.Body["trainingInput"] as JsonObject)?["scheduling"]?["priority"]?.GetValue<int>() ?? 0;
        var json = await request.WriteAsync(async session =>
        {
            var job = new Resource(name, Kind, request.Name, "QUEUED", request.Body);
            if (!await session.Resources.TryInsertAsync(job, request.Cancellation))
            {
                throw ServiceException.Exists(name);
            }

            await session.Work.AddAsync(new WorkItem(name, Kind, job.Project, priority, request.Engine.Now, 0),
                request.Cancellation);
            return Render(job with { Revision = 1 });
        });
        request.Engine.Signal.Set();
        return Answer.Of(json);
    }

    static async Task<Answer> GetAsync(ApiRequest request) => Answer.Of(await request.ReadAsync(async session =>
    {
        var job = await session.Resources.FindAsync(request.Name, request.Cancellation) ??
            throw ServiceException.NotFound(request.Name);
        var json = Render(job);
        if (job.State == "QUEUED" &&
            await session.Work.PositionAsync(job.Name, job.Project, request.Cancellation) is var position and > 0)
        {
            json["jobPosition"] = $"{position}";
        }

        return json;
    }));

    static async Task<Answer> ListAsync(ApiRequest request) =>
        Answer.Of(await request.ReadAsync(session => ResourceList.ReadAsync(
        request, session, Kind, "jobs", ResourceOrder.NewestFirst, ApiSurface.V1.Message("Job"), Render)));

    static async Task<Answer> PatchAsync(ApiRequest request)
    {
        var mask = UpdateMask.Parse(request.Parameter("updateMask"), ApiSurface.V1.Message("Job"), "labels", "etag");
        ResourceRules.RequireLabels(request.Body);
        return Answer.Of(await request.WriteAsync(async session =>
        {
            var job = await session.Resources.FindForUpdateAsync(request.Name, request.Cancellation) ??
                throw ServiceException.NotFound(request.Name);
            request.RequireEtag(job);
            UpdateMask.Apply([.. mask.Where(path => path[0] != "etag")], request.Body, job.Body);
            return Render(
                await session.Resources.TryUpdateAsync(job, request.Cancellation) ?? throw ServiceException.StaleEtag(job.Name));
        }));
    }

    /// <summary>A job that waits is cancelled at once; one that runs is asked to end.</summary>
    static async Task<Answer> CancelAsync(ApiRequest request)
    {
        await request.WriteAsync(async session =>
        {
            var job = await session.Resources.FindForUpdateAsync(request.Name, request.Cancellation) ??
                throw ServiceException.NotFound(request.Name);
            if (IsOver(job.State))
            {
                throw new ServiceException(StatusCode.FailedPrecondition, $"'{job.Name}' is {job.State} already.");
            }

            job.Body["errorMessage"] = "Cancelled by request.";
            if (await session.Work.TryWithdrawAsync(job.Name, request.Cancellation))
            {
                job.Body["endTime"] = WireValue.Instant(request.Engine.Now);
                job = job with { State = "CANCELLED" };
            }
            else
            {
                job = job with { State = "CANCELLING" };
            }

            return await session.Resources.TryUpdateAsync(job, request.Cancellation);
        });
        request.Engine.Signal.Set();
        return Answer.Of(new JsonObject());
    }

    static async Task<Answer> ListLogEntriesAsync(ApiRequest request)
    {
        var size = Paging.SizeOf(request.Parameter("pageSize"));
        var after = Paging.After(request.Parameter("pageToken"), byName: false) as long? ?? 0;
        return Answer.Of(await request.ReadAsync(async session =>
        {
            _ = await session.Resources.FindAsync(request.Name, request.Cancellation) ??
                throw ServiceException.NotFound(request.Name);
            var lines = await session.Logs.ReadAsync(request.Name, after, size, request.Cancellation);
            if (lines.Count == 0)
            {
                return new JsonObject();
            }

            // There is always a token, from which lines that come later are read.
            return new JsonObject
            {
                ["logEntries"] = new JsonArray([.. lines.Select(line => new JsonObject
                {
                    ["time"] = WireValue.Instant(line.At), ["severity"] = line.Severity, ["replica"] = line.Replica,
                    ["text"] = line.Text,
                })]),
                ["nextPageToken"] = Paging.TokenOf(lines[^1].Sequence),
            };
        }));
    }
}
