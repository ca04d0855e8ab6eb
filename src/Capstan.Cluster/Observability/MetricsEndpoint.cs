using System.Net;
using System.Text;

namespace Capstan.Cluster;

/// <summary><c>GET /metrics</c> of a process, for Prometheus: on one address, without a word about data or secrets.</summary>
public sealed class MetricsEndpoint : IAsyncDisposable
{
    readonly HttpListener _listener = new();
    readonly MetricsText _text = new("Capstan.");

    Task _answering = Task.CompletedTask;

    MetricsEndpoint(IPEndPoint place) => Place = place;

    public IPEndPoint Place { get; }

    /// <param name="port">0 takes a free one.</param>
    /// <exception cref="ArgumentException">The port is not free, or none.</exception>
    public static MetricsEndpoint Start(IPAddress address, int port)
    {
        var place = new IPEndPoint(address, port > 0 ? port : FreePort.At(address));
        var endpoint = new MetricsEndpoint(place);
        endpoint._listener.Prefixes.Add($"http://{place}/");
        try
        {
            endpoint._listener.Start();
        }
        catch (HttpListenerException fault)
        {
            endpoint._text.Dispose();
            throw new ArgumentException($"Metrics can't be told at {place}: {fault.Message.TrimEnd('.')}. Name another port.", nameof(port), fault);
        }

        endpoint._answering = endpoint.AnswerAsync();
        return endpoint;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _answering;
        _text.Dispose();
    }

    async Task AnswerAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                var isKnown = context.Request.Url?.AbsolutePath == "/metrics";
                context.Response.StatusCode = isKnown ? 200 : 404;
                context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
                context.Response.Close(Encoding.UTF8.GetBytes(isKnown ? _text.Write() : "There is only /metrics.\n"), willBlock: false);
            }
            catch (Exception fault) when (fault is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // Closed, or somebody hung up.
            }
        }
    }
}
