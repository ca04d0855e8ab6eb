using System.Text.Json.Nodes;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>Long-running operations as resources: work that goes on after the answer.</summary>
static class Operations
{
    public const string Kind = "operation";
    public const string TypePrefix = "type.googleapis.com/google.cloud.ml.v1.";

    /// <summary>Adds an operation and the work that it stands for.</summary>
    /// <param name="version">The version that it is about, as it is answered; null: none.</param>
    /// <returns>The operation as it is answered.</returns>
    public static async Task<JsonObject> AddAsync(
        ApiRequest request, RegistrySession session, string type, string modelName, JsonObject? version)
    {
        var operation = await InsertAsync(session, New(request, type, modelName, version), request.Cancellation);
        await session.Work.AddAsync(new WorkItem(operation.Name, Kind, operation.Project, 0, request.Engine.Now, 0),
            request.Cancellation);
        return Render(operation);
    }

    public static JsonObject Render(Resource operation)
    {
        var json = new JsonObject { ["name"] = operation.Name };
        foreach (var (name, value) in operation.Body)
        {
            json[name] = value?.DeepClone();
        }

        return json;
    }

    /// <summary>A message inside an operation says what it is.</summary>
    public static JsonObject Typed(string type, JsonObject? message)
    {
        var json = new JsonObject { ["@type"] = type.Contains('.') ? $"type.googleapis.com/{type}" : TypePrefix + type };
        foreach (var (name, value) in message ?? [])
        {
            json[name] = value?.DeepClone();
        }

        return json;
    }

    public static Resource New(ApiRequest request, string type, string modelName, JsonObject? version)
    {
        var now = request.Engine.Now;
        var subject =
            string.Join('_', ((string?)version?["name"] ?? modelName).Split('/').Skip(3).Where((_, index) => index % 2 == 0));
        var name = $"projects/{request.Project}/operations/{type.Split('_')[0].ToLowerInvariant()}_{subject}-{now.ToUnixTimeMilliseconds()}";
        var metadata = Typed("OperationMetadata", new JsonObject
        {
            ["createTime"] = WireValue.Instant(now), ["operationType"] = type, ["modelName"] = modelName,
            ["isCancellationRequested"] = false,
        });
        if (version is not null)
        {
            metadata["version"] = version.DeepClone();
        }

        return new Resource(name, Kind, $"projects/{request.Project}", "", new JsonObject { ["metadata"] = metadata });
    }

    /// <summary>Stores a new operation; two of the same millisecond get different names.</summary>
    public static async Task<Resource> InsertAsync(RegistrySession session, Resource operation,
        CancellationToken cancellationToken)
    {
        for (var number = 1; ; number++)
        {
            var named = number == 1 ? operation : operation with { Name = $"{operation.Name}-{number}" };
            if (await session.Resources.TryInsertAsync(named, cancellationToken))
            {
                return named;
            }
        }
    }
}

/// <summary>Operations whose work is done by the time they are answered.</summary>
static class DoneOperation
{
    /// <param name="responseType">Of the response; null: an empty one.</param>
    public static async Task<JsonObject> AddAsync(
        ApiRequest request, RegistrySession session, string type, string modelName, JsonObject? version, string? responseType,
        JsonObject? response)
    {
        var operation = Operations.New(request, type, modelName, version);
        var now = WireValue.Instant(request.Engine.Now);
        var metadata = operation.Body["metadata"]!.AsObject(); // every operation has it
        metadata["startTime"] = now;
        metadata["endTime"] = now;
        operation.Body["done"] = true;
        operation.Body["response"] = Operations.Typed(responseType ?? "google.protobuf.Empty", response);
        return Operations.Render(await Operations.InsertAsync(session, operation, request.Cancellation));
    }
}
