using System.Text.Json.Nodes;

namespace Capstan.Service;

/// <summary>What is asked of a project as a whole.</summary>
sealed class ProjectMethods : IMethodGroup
{
    // A region that scripts name; here it is wherever the server is.
    const string Region = "us-central1";

    static readonly string[] Capabilities = ["TRAINING", "BATCH_PREDICTION", "ONLINE_PREDICTION"];

    public IEnumerable<(string Id, Func<ApiRequest, Task<Answer>> Handle)> Methods =>
    [
        ("ml.projects.getConfig", GetConfigAsync),
        ("ml.projects.locations.list", ListLocationsAsync),
        ("ml.projects.locations.get", GetLocationAsync),
        ("ml.projects.listAuditEntries", ListAuditEntriesAsync),
    ];

    static Task<Answer> GetConfigAsync(ApiRequest request) => Task.FromResult(Answer.Of(new JsonObject
    {
        ["serviceAccount"] = $"capstan@{request.Project}", ["serviceAccountProject"] = "0", ["config"] = new JsonObject(),
    }));

    static Task<Answer> ListLocationsAsync(ApiRequest request) => Task.FromResult(Answer.Of(new JsonObject
    {
        ["locations"] = new JsonArray(Location($"{request.Name}/locations/{Region}")),
    }));

    /// <summary>Any region is here: scripts name the one that they were written for.</summary>
    static Task<Answer> GetLocationAsync(ApiRequest request) => Task.FromResult(Answer.Of(Location(request.Name)));

    static async Task<Answer> ListAuditEntriesAsync(ApiRequest request)
    {
        var size = Paging.SizeOf(request.Parameter("pageSize"));
        var entries = await request.ReadAsync(session => session.Audit.LatestAsync(request.Project, size, request.Cancellation));
        return Answer.Of(entries.Count == 0 ? [] : new JsonObject
        {
            ["auditEntries"] = new JsonArray([.. entries.Select(entry => new JsonObject
            {
                ["time"] = WireValue.Instant(entry.At), ["member"] = entry.Member, ["method"] = entry.Method,
                ["resource"] = entry.Resource,
                ["outcome"] = entry.Outcome,
            })]),
        });
    }

    static JsonObject Location(string name) => new()
    {
        ["name"] = name,
        ["capabilities"] = new JsonArray(
            [.. Capabilities.Select(type => new JsonObject { ["type"] = type })]),
    };
}
