using System.Buffers;
using System.Net;
using Capstan.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Capstan.Gateway;

/// <summary>
/// Forwards a request to a replica. One that is lost with its replica before the answer began is sent once more to another:
/// a prediction changes nothing, so asking twice is safe. Thread-safe.
/// </summary>
sealed class Forwarder : IDisposable
{
    const int Attempts = 2;

    // A timer may be early by a tick of the coarse clock; who waited to the end is to be told that.
    static readonly TimeSpan TimerEarly = TimeSpan.FromMilliseconds(5);

    static readonly ForwarderRequestConfig Config = new() { ActivityTimeout = TimeSpan.FromSeconds(100) };

    readonly ServiceProvider _services;
    readonly IHttpForwarder _forwarder;
    readonly HttpMessageInvoker _client;
    readonly GatewayOptions _options;

    public Forwarder(GatewayOptions options)
    {
        _options = options;
        var services = new ServiceCollection();
        services.AddSingleton(options.Loggers);
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        services.AddSingleton(options.Time);
        services.AddHttpForwarder();
        _services = services.BuildServiceProvider();
        _forwarder = _services.GetRequiredService<IHttpForwarder>();
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false, AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null, ConnectTimeout = TimeSpan.FromSeconds(2),
        });
    }

    /// <summary>Forwards a request and writes its answer, whatever that is.</summary>
    /// <exception cref="RefusedRequestException">There was no place for it in time, or it was lost twice.</exception>
    public async Task ForwardAsync(
        HttpContext context, ReplicaGroup group, string model, RequestDeadline deadline, ReplicaTransformer transformer)
    {
        if (RowScoring.FormatOf(context.Request) is not null)
        {
            // Of any length, so it is not kept, and what was lost can't be sent again.
            if (!await TryForwardAsync(context, group, model, deadline, transformer))
            {
                throw new RefusedRequestException(GatewayProblems.ReplicaLost(model));
            }

            return;
        }

        var read = await RequestBody.ReadAsync(context, _options.MaxBodyBytes);
        var length = (int)read.Buffer.Length;
        var body = ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
        try
        {
            read.Buffer.CopyTo(body);
            context.Request.BodyReader.AdvanceTo(read.Buffer.End);
            for (var attempt = 1; ; attempt++)
            {
                if (length > 0)
                {
                    context.Request.Body = new MemoryStream(body, 0, length, writable: false);
                }

                if (await TryForwardAsync(context, group, model, deadline, transformer))
                {
                    return;
                }

                if (attempt == Attempts)
                {
                    throw new RefusedRequestException(GatewayProblems.ReplicaLost(model));
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body);
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _services.Dispose();
    }

    /// <returns>False where the request was lost and nothing of an answer has been sent.</returns>
    async Task<bool> TryForwardAsync(
        HttpContext context, ReplicaGroup group, string model, RequestDeadline deadline, ReplicaTransformer transformer)
    {
        var began = _options.Time.GetTimestamp();
        deadline.Require();
        var hold = deadline.Left + TimerEarly is { } left && left < _options.HoldFor ? left : _options.HoldFor;
        using var lease = await group.AcquireAsync(hold, context.RequestAborted);
        if (lease is null)
        {
            deadline.Require();
            throw new RefusedRequestException(GatewayProblems.NoPlace(model, group.State, _options.Time.GetElapsedTime(began)));
        }

        var error = await _forwarder.SendAsync(
            context, lease.Address.ToString(), _client, Config, transformer, context.RequestAborted);
        if (error == ForwarderError.None || context.RequestAborted.IsCancellationRequested || context.Response.HasStarted)
        {
            return true;
        }

        group.Lose(lease);
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Features.Set<IForwarderErrorFeature>(null);
        return false;
    }
}
