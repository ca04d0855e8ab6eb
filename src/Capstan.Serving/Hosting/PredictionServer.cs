using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Capstan.Serving;

/// <summary>
/// Answers prediction requests over HTTP/1.1 for models that it is given once: <c>POST /v1/models/NAME:predict</c> and
/// <c>:explain</c>, <c>GET /v1/models/NAME</c>, <c>GET /v1/models</c>, <c>GET /healthz</c>. For models and versions that
/// change while it runs there is <see cref="Replica"/>.
/// </summary>
public sealed class PredictionServer : IAsyncDisposable
{
    readonly KestrelServer _kestrel;
    readonly ShadowScoring _shadows;

    PredictionServer(KestrelServer kestrel, ShadowScoring shadows, ListeningUrls urls) =>
        (_kestrel, _shadows, Url, GrpcUrl) = (kestrel, shadows, urls.Http, urls.Grpc);

    /// <summary>Where the server listens, with the port that it got: <c>http://127.0.0.1:49152/</c>.</summary>
    public Uri Url { get; }

    /// <summary>Where it takes gRPC (HTTP/2 without TLS); null where it does not.</summary>
    public Uri? GrpcUrl { get; }

    /// <summary>Starts listening; when it returns, requests are answered.</summary>
    /// <param name="models">The models, each under its name.</param>
    /// <exception cref="ArgumentException">There is no model, two share a name, or one can't be served as it is.</exception>
    /// <exception cref="PortUnavailableException">The port is taken, or the address is not this machine's.</exception>
    public static async Task<PredictionServer> StartAsync(
        IEnumerable<IServedModel> models, PredictionServerOptions options, CancellationToken cancellationToken)
    {
        options.Check();
        var served = ServedModels.Of(models);
        var shadows = new ShadowScoring();
        var scoring = new ScoringEndpoint(options.MaxBodyBytes, options.Seed, options.Time, shadows);
        var endpoints = new PredictionEndpoints(() => served, scoring, control: null, options);
        var (kestrel, urls) = await KestrelHost.StartAsync(endpoints.HandleAsync, options, cancellationToken);
        return new PredictionServer(kestrel, shadows, urls);
    }

    /// <summary>Takes no new connection, lets requests in progress finish, and stops; on cancellation it stops at once.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _kestrel.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _kestrel.StopAsync(CancellationToken.None);
        _kestrel.Dispose();
        await _shadows.DisposeAsync();
    }
}
