using Capstan.Data;
using Capstan.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Capstan.Serving;

/// <summary>
/// A whole front door: it holds the routing table, loads the versions that the table names, and scores in process. It starts
/// empty; tables come by <see cref="ApplyAsync"/>, over HTTP from who knows its token, or from a file that it watches.
/// </summary>
public sealed partial class Replica : IAsyncDisposable
{
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    readonly KestrelServer _kestrel;
    readonly ReplicaModels _models;
    readonly ShadowScoring _shadows;
    readonly CancellationTokenSource _stopping = new();
    readonly ILogger _logger;
    readonly Task _following;

    Replica(KestrelServer kestrel, ListeningUrls urls, ReplicaModels models, ShadowScoring shadows, ReplicaOptions options)
    {
        (_kestrel, Url, GrpcUrl, _models, _shadows) = (kestrel, urls.Http, urls.Grpc, models, shadows);
        _logger = options.Server.Loggers.CreateLogger<Replica>();
        _following = options.TableFile is { } file ? FollowAsync(file, options.Server.Time) : Task.CompletedTask;
    }

    /// <summary>Where the replica listens, with the port that it got.</summary>
    public Uri Url { get; }

    /// <summary>Where it takes gRPC (HTTP/2 without TLS); null where it does not.</summary>
    public Uri? GrpcUrl { get; }

    /// <summary>The table that answers now.</summary>
    public RoutingTable Table => _models.Current.Table;

    /// <summary>Starts listening; a table file that is there already is in use when it returns.</summary>
    /// <exception cref="PortUnavailableException">The port is taken, or the address is not this machine's.</exception>
    /// <exception cref="UnreadableTableException">The table file holds no table.</exception>
    /// <exception cref="VersionNotReadyException">A version of the table file can't be loaded.</exception>
    public static async Task<Replica> StartAsync(ReplicaOptions options, CancellationToken cancellationToken)
    {
        options.Server.Check();
        ArgumentOutOfRangeException.ThrowIfNegative(options.MemoryLimitBytes);
        var memory = new ModelMemory(options.MemoryLimitBytes, options.Server.Time);
        var artifacts = options.ArtifactFolder is { } place ? new ReplicaArtifacts(place) : null;
        var models = new ReplicaModels(
            memory, (model, version) => new ArtifactModel(model, ArtifactFolder.ReadToPredict(artifacts?.FolderOf(version) ?? version.Artifact)));
        // Loading and listening take about as long as each other, and neither needs the other; a request that comes meanwhile waits. What is to
        // come over HTTP is read sooner if the library behind SHA-256, which takes milliseconds to load, is there by then.
        var loading = options.TableFile is { } file && File.Exists(file)
            ? LoadAsync(models, file, cancellationToken)
            : Task.Run(() => ContentHash.Of([]), cancellationToken);
        var shadows = new ShadowScoring();
        var scoring = new ScoringEndpoint(options.Server.MaxBodyBytes, options.Server.Seed, options.Server.Time, shadows);
        var control = options.Token is { } token ? new ReplicaControl(models, artifacts, token) : null;
        var endpoints = new PredictionEndpoints(() => models.Current, scoring, control, options.Server);
        Task AnswerAsync(HttpContext context) =>
            loading.IsCompleted ? endpoints.HandleAsync(context) : HandleAfterAsync(loading, endpoints, context);
        Func<HttpContext, Task> answer = options.IsPrivate ? new ReplicaGuard(AnswerAsync, options.Token ?? "").HandleAsync : AnswerAsync;
        KestrelServer kestrel;
        ListeningUrls urls;
        try
        {
            (kestrel, urls) = await KestrelHost.StartAsync(answer, options.Server, cancellationToken);
        }
        catch
        {
            await Task.WhenAny(loading);
            throw;
        }

        try
        {
            await loading;
        }
        catch
        {
            kestrel.Dispose();
            throw;
        }

        return new Replica(kestrel, urls, models, shadows, options);
    }

    /// <summary>Loads what is new in a table, then lets it answer.</summary>
    /// <returns>False where the table is older than the one in use.</returns>
    /// <exception cref="VersionNotReadyException">A version can't be loaded; the table that answered stays.</exception>
    public Task<bool> ApplyAsync(RoutingTable table, CancellationToken cancellationToken) =>
        _models.ApplyAsync(table, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _following;
        await _kestrel.StopAsync(CancellationToken.None);
        _kestrel.Dispose();
        await _shadows.DisposeAsync();
        _models.Dispose();
        _stopping.Dispose();
    }

    static async Task LoadAsync(ReplicaModels models, string file, CancellationToken cancellationToken) =>
        await models.ApplyAsync(RoutingTable.FromJson(await File.ReadAllBytesAsync(file, cancellationToken)), cancellationToken);

    static async Task HandleAfterAsync(Task loading, PredictionEndpoints endpoints, HttpContext context)
    {
        await Task.WhenAny(loading);
        await endpoints.HandleAsync(context);
    }

    async Task FollowAsync(string file, TimeProvider time)
    {
        var seen = File.GetLastWriteTimeUtc(file);
        using var timer = new PeriodicTimer(LookEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                var written = File.GetLastWriteTimeUtc(file);
                if (written != seen && File.Exists(file))
                {
                    seen = written;
                    await TakeAsync(file);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping is how following ends.
        }
    }

    async Task TakeAsync(string file)
    {
        try
        {
            var table = RoutingTable.FromJson(await File.ReadAllBytesAsync(file, _stopping.Token));
            if (!await _models.ApplyAsync(table, _stopping.Token))
            {
                LogOld(file, table.Generation, Table.Generation);
            }
        }
        catch (Exception problem) when (problem is UnreadableTableException or VersionNotReadyException or IOException)
        {
            // The table that answered goes on answering; the file's next change is another chance.
            LogRefused(problem, file);
        }
    }
}
