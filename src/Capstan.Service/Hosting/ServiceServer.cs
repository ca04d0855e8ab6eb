using System.Net;
using System.Security.Cryptography;
using Capstan.Gateway;
using Capstan.Registry;
using Capstan.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Capstan.Service;

/// <summary>The engine as a service: <c>ml/v1</c> and what goes with it over HTTP, with the workers behind it.</summary>
public sealed class ServiceServer : IAsyncDisposable
{
    const string UrlFile = "server.url";

    readonly WebApplication _application;
    readonly RegistryDatabase _database;
    readonly IArtifactStore _store;
    readonly OidcTokens? _tokens;
    readonly FleetGateway? _fleet;
    readonly FileStream _lock;
    readonly CancellationTokenSource _ending = new();
    readonly Task _workers;

    ServiceServer(
        WebApplication application, RegistryDatabase database, IArtifactStore store, OidcTokens? tokens, FleetGateway? fleet,
        FileStream folderLock, Func<CancellationToken, Task> workers, bool takesGrpc)
    {
        (_application, _database, _store, _tokens, _fleet, _lock) = (application, database, store, tokens, fleet, folderLock);
        Url = new Uri(application.Urls.First());
        GrpcUrl = takesGrpc ? new Uri(application.Urls.Last()) : null;
        _workers = workers(_ending.Token);
    }

    /// <summary>Where the server listens, with the port that it got.</summary>
    public Uri Url { get; }

    /// <summary>Where it takes gRPC; null where it does not.</summary>
    public Uri? GrpcUrl { get; }

    /// <summary>Where the server on a data folder listens, or listened last; null: none ever did.</summary>
    public static Uri? FindUrl(string dataFolder) =>
        File.Exists(Path.Combine(dataFolder, UrlFile)) ? new Uri(File.ReadAllText(Path.Combine(dataFolder, UrlFile))) : null;

    /// <summary>Starts listening and working; when it returns, requests are answered.</summary>
    /// <exception cref="ServiceSetupException">The options contradict each other, or the data folder is another
    /// server's.</exception>
    /// <exception cref="RegistryUnavailableException">The database can't be used.</exception>
    /// <exception cref="PortUnavailableException">The port is taken, or the address is not this machine's.</exception>
    /// <exception cref="UnreadableTableException">The routes in the database can't be read.</exception>
    public static async Task<ServiceServer> StartAsync(ServiceOptions options, CancellationToken cancellationToken)
    {
        Check(options);
        var folder = Path.GetFullPath(options.DataFolder);
        Directory.CreateDirectory(folder);
        var folderLock = LockOf(folder);
        RegistryDatabase? database = null;
        FleetGateway? fleet = null;
        try
        {
            database = await RegistryDatabase.OpenAsync(options.Database ?? Path.Combine(folder, "registry.db"), cancellationToken);
            var store = ArtifactStores.Open(options.Artifacts ?? Path.Combine(folder, "store"), options.Environment, options.Time);
            var engine = new Engine(database, store, new ArtifactCopies(store), options.Time, options, HolderOf(folder, options));
            var tokens = options.Access is { Issuer: { } issuer, Audience: { } audience }
                ? new OidcTokens(issuer, audience, options.Time, new HttpClient())
                : null;
            fleet = await FleetOfAsync(engine, folder, cancellationToken);
            var parts = new ServiceParts(engine, tokens, fleet);
            var application = await ListenAsync(options, parts.Endpoints, cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder, UrlFile), application.Urls.First(), cancellationToken);
            return new ServiceServer(application, database, store, tokens, fleet, folderLock, parts.RunWorkersAsync, options.GrpcPort is not null);
        }
        catch
        {
            if (fleet is not null)
            {
                await fleet.DisposeAsync();
            }

            if (database is not null)
            {
                await database.DisposeAsync();
            }

            await folderLock.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Takes no new connection, lets requests in progress finish, and stops; jobs' processes go on. On cancellation requests are
    /// cut off.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _application.StopAsync(cancellationToken);
        await _ending.CancelAsync();
        try
        {
            await _workers;
        }
        catch (OperationCanceledException)
        {
            // How workers end.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
        if (_fleet is not null)
        {
            await _fleet.DisposeAsync();
        }

        await _database.DisposeAsync();
        (_store as IDisposable)?.Dispose();
        _tokens?.Dispose();
        _ending.Dispose();
        await _lock.DisposeAsync();
    }

    static async Task<FleetGateway?> FleetOfAsync(Engine engine, string folder, CancellationToken cancellationToken)
    {
        if (engine.Options.Replicas is not { } replicas)
        {
            return null;
        }

        var home = Path.Combine(folder, "routes");
        return await FleetGateway.StartAsync(new GatewayOptions
        {
            Home = home, Replicas = replicas, Catalog = new RegistryCatalog(engine, Path.Combine(home, "versions")),
            Routes = new RegistryRoutes(engine), Experiments = new RegistryExperiments(engine),
            MaxBodyBytes = engine.Options.MaxPredictionBytes, Time = engine.Time, Loggers = engine.Loggers,
        }, cancellationToken);
    }

    static async Task<WebApplication> ListenAsync(ServiceOptions options, ServiceEndpoints endpoints,
        CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(options.Loggers);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null; // each endpoint has its own limit
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            kestrel.Listen(options.Address, options.Port, listener => Set(
                listener, options, options.Certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2));
            if (options.GrpcPort is { } grpc)
            {
                // Without TLS nothing says in advance which protocol a connection will speak, so each has a port of its own.
                kestrel.Listen(options.Address, grpc, listener => Set(listener, options, HttpProtocols.Http2));
            }
        });
        var application = builder.Build();
        application.Run(endpoints.HandleAsync);
        try
        {
            await application.StartAsync(cancellationToken);
            return application;
        }
        catch (Exception problem) when (problem is IOException or System.Net.Sockets.SocketException)
        {
            await application.DisposeAsync();
            throw new PortUnavailableException(options.Address, options.Port, problem);
        }
    }

    static void Set(ListenOptions listener, ServiceOptions options, HttpProtocols protocols)
    {
        listener.Protocols = protocols;
        if (options.Certificate is { } certificate)
        {
            listener.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = certificate });
        }
    }

    static void Check(ServiceOptions options)
    {
        if (options is { GrpcPort: not null, Replicas: null })
        {
            throw new ServiceSetupException("Over gRPC a server answers for what is deployed on replicas; say where those run, or leave the port out.");
        }

        if (options.Access.IsOpen && !IPAddress.IsLoopback(options.Address))
        {
            throw new ServiceSetupException(
                $"A server that others can reach ({options.Address}) must know who asks. Make a key with 'capstan access " +
                    $"create-key', or name an OIDC issuer.");
        }

        if ((options.Access.Issuer is null) != (options.Access.Audience is null))
        {
            throw new ServiceSetupException(
                "Tokens are checked for their issuer and for what they are for; name both, or neither.");
        }
    }

    static FileStream LockOf(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, "server.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite,
                FileShare.None);
        }
        catch (IOException problem)
        {
            throw new ServiceSetupException(
                $"The data folder {folder} is another server's, which runs. Stop that one, or choose another folder. " +
                $"({problem.Message})");
        }
    }

    /// <summary>Kept in the folder, so that a server that is started again is the same one to the others.</summary>
    static string HolderOf(string folder, ServiceOptions options)
    {
        var path = Path.Combine(folder, "server.id");
        if (!File.Exists(path))
        {
            File.WriteAllText(path, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
        }

        return $"{options.MachineName}/{File.ReadAllText(path)}";
    }
}

/// <summary>The server can't be set up as it is asked to.</summary>
public sealed class ServiceSetupException(string message) : Exception(message);
