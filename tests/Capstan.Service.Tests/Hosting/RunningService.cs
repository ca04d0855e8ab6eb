using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.Service.Tests;

/// <summary>A server of a test's own, in a folder of its own, with what a caller needs.</summary>
sealed class RunningService : IAsyncDisposable
{
    readonly DirectoryInfo _folder;
    readonly bool _ownsFolder;

    RunningService(ServiceServer server, DirectoryInfo folder, bool ownsFolder)
    {
        (Server, _folder, _ownsFolder) = (server, folder, ownsFolder);
        Http = new HttpClient { BaseAddress = server.Url };
    }

    public ServiceServer Server { get; }

    public HttpClient Http { get; }

    public string Folder => _folder.FullName;

    /// <summary>A variable that jobs' processes get, and trainers don't.</summary>
    public const string SecretVariable = "OTEL_EXPORTER_OTLP_HEADERS";

    /// <summary>The program that jobs run in: the command line beside these tests.</summary>
    static string[] JobProgram =>
    [
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet")),
        Path.Combine(AppContext.BaseDirectory, "Capstan.Cli.dll"), "run-job",
    ];

    /// <summary>Jobs in such processes, told these words more.</summary>
    public static LocalJobRunner JobsOn(params string[] words) => new(
        [.. JobProgram, .. words], "test", new Dictionary<string, string> { [SecretVariable] = "api-key=for the job's process alone" });

    public static async Task<RunningService> StartAsync(Func<ServiceOptions, ServiceOptions>? change = null, string? folder = null)
    {
        var place = folder is null ? Directory.CreateTempSubdirectory("capstan-service-") : new DirectoryInfo(folder);
        var options = new ServiceOptions
        {
            DataFolder = place.FullName, Port = 0, Access = new AccessOptions { IsOpen = true }, MachineName = "test",
            Jobs = JobsOn(),
        };
        return new RunningService(await ServiceServer.StartAsync(change?.Invoke(options) ?? options, CancellationToken.None), place, folder is null);
    }

    /// <summary>A path in the data folder.</summary>
    public string At(string name) => Path.Combine(Folder, name);

    public async Task<(int Status, JsonObject Json)> SendAsync(string method, string path, string? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        if (key is not null)
        {
            request.Headers.Add("X-Goog-Api-Key", key);
        }

        using var response = await Http.SendAsync(request);
        return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>())!.AsObject());
    }

    /// <summary>Sends what must succeed.</summary>
    public async Task<JsonObject> DoAsync(string method, string path, string? body = null, string? key = null)
    {
        var (status, json) = await SendAsync(method, path, body, key);
        Assert.True(status == 200, $"{method} {path}: {status} {json}");
        return json;
    }

    /// <summary>Sends what must be refused, and gives the error.</summary>
    public async Task<JsonObject> RefuseAsync(int expected, string method, string path, string? body = null)
    {
        var (status, json) = await SendAsync(method, path, body);
        Assert.True(status == expected, $"{method} {path}: {status} {json}");
        Assert.Equal(expected, (int)json["error"]!["code"]!);
        return json["error"]!.AsObject();
    }

    /// <summary>Waits for an operation, and gives it.</summary>
    public async Task<JsonObject> WaitAsync(JsonObject operation, string? key = null)
    {
        while (operation["done"] is null)
        {
            await Task.Delay(20);
            operation = await DoAsync("GET", $"/v1/{operation["name"]}", null, key);
        }

        return operation;
    }

    /// <summary>Waits for a job to be in one of some states.</summary>
    public async Task<JsonObject> WaitForJobAsync(string name, params string[] states)
    {
        while (true)
        {
            var job = await DoAsync("GET", $"/v1/{name}");
            if (states.Contains($"{job["state"]}"))
            {
                return job;
            }

            Assert.False($"{job["state"]}" is "SUCCEEDED" or "FAILED" or "CANCELLED", $"{job}");
            await Task.Delay(50);
        }
    }

    /// <summary>A project with the model <c>trips</c> and its version <c>v1</c>.</summary>
    public async Task WithModelAsync(string project, string? key = null)
    {
        await DoAsync("POST", $"/v1/projects/{project}/models", """{"name":"trips"}""", key);
        await WithVersionAsync(project, "v1", key);
    }

    public async Task WithVersionAsync(string project, string version, string? key = null)
    {
        var operation = await WaitAsync(await DoAsync(
            "POST", $"/v1/projects/{project}/models/trips/versions",
            new JsonObject { ["name"] = version, ["deploymentUri"] = await TripsModel.FolderAsync }.ToJsonString(), key), key);
        Assert.True(operation["error"] is null, $"{operation}");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        if (_ownsFolder)
        {
            _folder.Remove();
        }
    }
}
