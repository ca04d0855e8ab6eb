using System.Net.Http.Json;
using System.Text.Json;

namespace Capstan.Cli;

/// <summary>The gateway said no.</summary>
sealed class GatewayRefusedException(string message) : Exception(message);

/// <summary>Asks a gateway, and turns what it refuses into its own words.</summary>
sealed class GatewayClient(string server) : IDisposable
{
    public const string DefaultServer = "http://127.0.0.1:8080";

    readonly HttpClient _http = new() { BaseAddress = AddressOf(server), Timeout = TimeSpan.FromMinutes(2) };

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
                : throw new GatewayRefusedException(
                    json.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString()! : text); // A text, as problem+json has it.
        }
        catch (Exception cause) when (cause is HttpRequestException or JsonException)
        {
            throw new GatewayRefusedException(
                $"{_http.BaseAddress} does not answer as a gateway does: {cause.Message} Start one with 'capstan gateway', or say --server URL.");
        }
    }

    public void Dispose() => _http.Dispose();

    static Uri AddressOf(string server) => Uri.TryCreate(server, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
        ? new Uri(server)
        : throw new UsageException($"--server was given '{server}', expected an address such as {GatewayClient.DefaultServer}.");
}
