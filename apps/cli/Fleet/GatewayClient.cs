using System.Net.Http.Json;
using System.Text.Json;

namespace Capstan.Cli;

/// <summary>The gateway said no.</summary>
sealed class GatewayRefusedException(string message) : Exception(message);

/// <summary>Asks a gateway, or the server that hosts one, and turns what it refuses into its own words.</summary>
sealed class GatewayClient : IDisposable
{
    public const string DefaultServer = "http://127.0.0.1:8080";

    readonly HttpClient _http;

    /// <param name="key">By which the server knows the caller; null sends none.</param>
    public GatewayClient(string server, string? key)
    {
        _http = new HttpClient { BaseAddress = AddressOf(server), Timeout = TimeSpan.FromMinutes(2) };
        Identify(_http, key);
    }

    /// <summary>Has all requests of a client carry a key.</summary>
    public static void Identify(HttpClient client, string? key)
    {
        if (key is not null)
        {
            client.DefaultRequestHeaders.Add("X-Goog-Api-Key", key);
        }
    }

    /// <exception cref="GatewayRefusedException">It refused, or nobody listens there.</exception>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            using var json = JsonDocument.Parse(text);
            return response.IsSuccessStatusCode
                ? json.RootElement.Clone()
                : throw new GatewayRefusedException(MessageOf(json.RootElement) ?? text);
        }
        catch (Exception cause) when (cause is HttpRequestException or JsonException)
        {
            throw new GatewayRefusedException(
                $"{_http.BaseAddress} does not answer as a gateway does: {cause.Message} Start one with 'capstan gateway' or 'capstan server', or say --server URL.");
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The gateway's words are in problem+json, those of the server around it in an error's message.</summary>
    static string? MessageOf(JsonElement answer) =>
        answer.TryGetProperty("detail", out var detail) ? detail.GetString()
        : answer.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object ? error.GetProperty("message").GetString()
        : null;

    static Uri AddressOf(string server) => Uri.TryCreate(server, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
        ? new Uri(server)
        : throw new UsageException($"--server was given '{server}', expected an address such as {GatewayClient.DefaultServer}.");
}
