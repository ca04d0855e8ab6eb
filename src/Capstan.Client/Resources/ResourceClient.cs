using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Client;

/// <summary>Models, versions, jobs and operations of a project. Thread-safe.</summary>
public sealed class ResourceClient(CapstanConnection connection)
{
    static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    public CapstanConnection Connection { get; } = connection;

    public Task<ModelResource> CreateModelAsync(string name, string? description, CancellationToken cancellationToken) => AsAsync(
        Connection.SendAsync(
            HttpMethod.Post, $"v1/{Connection.Project}/models",
            new JsonObject { ["name"] = name, ["description"] = description }, cancellationToken),
        ClientJson.Default.ModelResource);

    public Task<ModelResource> GetModelAsync(string name, CancellationToken cancellationToken) => AsAsync(
        Connection.SendAsync(HttpMethod.Get, $"v1/{Connection.Project}/models/{name}", null, cancellationToken),
        ClientJson.Default.ModelResource);

    /// <summary>Every model, page by page.</summary>
    public IAsyncEnumerable<ModelResource> ListModelsAsync(CancellationToken cancellationToken) =>
        ListAsync($"v1/{Connection.Project}/models", "models", ClientJson.Default.ModelResource, cancellationToken);

    public IAsyncEnumerable<VersionResource> ListVersionsAsync(string model, CancellationToken cancellationToken) =>
        ListAsync($"v1/{Connection.Project}/models/{model}/versions", "versions", ClientJson.Default.VersionResource,
            cancellationToken);

    public IAsyncEnumerable<JobResource> ListJobsAsync(CancellationToken cancellationToken) =>
        ListAsync($"v1/{Connection.Project}/jobs", "jobs", ClientJson.Default.JobResource, cancellationToken);

    /// <summary>Makes a version and waits until it is ready.</summary>
    /// <param name="uri">Where the model's files are: <c>gs://BUCKET/PATH</c>, or a folder of the server.</param>
    /// <exception cref="CapstanServiceException">It was refused, or could not be made.</exception>
    public async Task<VersionResource> CreateVersionAsync(string model, string name, string uri,
        CancellationToken cancellationToken)
    {
        var operation = await Connection.SendAsync(
            HttpMethod.Post, $"v1/{Connection.Project}/models/{model}/versions",
            new JsonObject { ["name"] = name, ["deploymentUri"] = uri }, cancellationToken);
        var done = await WaitAsync(operation, cancellationToken);
        return done["response"].Deserialize(ClientJson.Default.VersionResource)!; // an operation without error has a response
    }

    /// <summary>Stores the files of a folder in a bucket of the project's own, named after their content and place.</summary>
    /// <returns>Their address: <c>gs://PROJECT-uploads/…</c>.</returns>
    public async Task<string> UploadFolderAsync(string folder, CancellationToken cancellationToken)
    {
        var (bucket, place) = ($"{Connection.Options.Project}-uploads", Guid.NewGuid().ToString("N"));
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            await using var content = File.OpenRead(path);
            var name = Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');
            await Connection.UploadAsync(bucket, $"{place}/{name}", content, cancellationToken);
        }

        return $"gs://{bucket}/{place}";
    }

    /// <summary>Waits for an operation.</summary>
    /// <exception cref="CapstanServiceException">It failed.</exception>
    public async Task<JsonObject> WaitAsync(JsonObject operation, CancellationToken cancellationToken)
    {
        var pause = FirstLook;
        while (operation["done"]?.GetValue<bool>() != true)
        {
            await Task.Delay(pause, Connection.Options.Time, cancellationToken);
            pause = pause * 1.5 < LongestPause ? pause * 1.5 : LongestPause;
            operation = await Connection.SendAsync(HttpMethod.Get, $"v1/{operation["name"]}", null, cancellationToken);
        }

        return operation["error"] is { } error
            ? throw new CapstanServiceException(200, "FAILED_OPERATION", $"{error["message"]}") : operation;
    }

    async IAsyncEnumerable<T> ListAsync<T>(
        string path, string collection, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? token = null;
        do
        {
            var page = await Connection.SendAsync(
                HttpMethod.Get, $"{path}?pageSize=100{(token is null ? "" : $"&pageToken={Uri.EscapeDataString(token)}")}", null,
                cancellationToken);
            foreach (var item in page[collection] as JsonArray ?? [])
            {
                yield return item.Deserialize(type)!; // lists hold objects
            }

            token = page["nextPageToken"]?.GetValue<string>();
        }
        while (token is not null);
    }

    static async Task<T> AsAsync<T>(Task<JsonObject> answer, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        (await answer).Deserialize(type)!; // answers are objects
}
