using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Client;

/// <summary>
/// Requests and answers of a server, with errors as exceptions. What reads, and predictions, are repeated while the server is
/// busy (429, 503) or can't be reached; what changes something is sent once. Thread-safe.
/// </summary>
public sealed class CapstanConnection
{
    readonly HttpClient _http;

    /// <param name="http">The caller's, for instance of an IHttpClientFactory; its lifetime stays the caller's.</param>
    public CapstanConnection(HttpClient http, CapstanClientOptions options)
    {
        _http = http;
        Options = options;
    }

    public CapstanClientOptions Options { get; }

    /// <summary>The project's resource name.</summary>
    public string Project => $"projects/{Options.Project}";

    /// <summary>Sends a request of the interface.</summary>
    /// <param name="path">Below the server's address: <c>v1/projects/p/models</c>.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="CapstanServiceException">The server refused, or failed.</exception>
    /// <exception cref="HttpRequestException">It can't be reached.</exception>
    public async Task<JsonObject> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        var bytes = await SendAsync(
            method, path, body is null ? null : System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()), "application/json",
            mayRepeat: method == HttpMethod.Get, cancellationToken);
        return JsonNode.Parse(bytes) as JsonObject ??
            throw new CapstanServiceException(200, "UNKNOWN", $"The answer to {path} is no JSON object.");
    }

    /// <summary>Stores a file in a bucket.</summary>
    public async Task UploadAsync(string bucket, string name, Stream content, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post,
            $"upload/storage/v1/b/{Uri.EscapeDataString(bucket)}/o?uploadType=media&name={Uri.EscapeDataString(name)}");
        request.Content = new StreamContent(content);
        using var response = await _http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw CapstanServiceException.Of((int)response.StatusCode,
                await response.Content.ReadAsByteArrayAsync(cancellationToken));
        }
    }

    internal async Task<byte[]> SendAsync(
        HttpMethod method, string path, ReadOnlyMemory<byte>? body, string contentType, bool mayRepeat,
        CancellationToken cancellationToken)
    {
        var pause = Options.FirstPause;
        for (var tries = 1; ; tries++, pause *= 2)
        {
            var isLast = !mayRepeat || tries >= Options.MostTries;
            try
            {
                using var request = Request(method, path);
                if (body is { } content)
                {
                    request.Content = new ReadOnlyMemoryContent(content);
                    request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
                }

                using var response = await _http.SendAsync(request, cancellationToken);
                var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    return answer;
                }

                if (isLast || response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable))
                {
                    throw CapstanServiceException.Of((int)response.StatusCode, answer);
                }
            }
            catch (HttpRequestException) when (!isLast)
            {
                // Tried again below.
            }

            await Task.Delay(pause, Options.Time, cancellationToken);
        }
    }

    HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, new Uri(Options.Address, path));
        if (Options.Key is { } key)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return request;
    }
}
