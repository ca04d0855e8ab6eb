using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Capstan.Serving;

namespace Capstan.Gateway;

/// <summary>Gives replicas their routing tables. Thread-safe.</summary>
sealed class ReplicaClient : IDisposable
{
    readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(2) })
    {
        // Loading large models takes a while.
        Timeout = TimeSpan.FromSeconds(60),
    };

    /// <summary>Returns when the replica answers by the table.</summary>
    /// <exception cref="VersionNotReadyException">It can't load a version of it.</exception>
    /// <exception cref="ReplicaUnreachableException">It is gone, or answers something else.</exception>
    public async Task GiveTableAsync(Uri replica, string token, RoutingTable table, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(replica, "/v1beta/table"))
        {
            Content = new ByteArrayContent(table.ToJson()),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return;
            }

            var answer = await response.Content.ReadAsStringAsync(cancellationToken);
            throw response.StatusCode == HttpStatusCode.ServiceUnavailable
                ? new VersionNotReadyException(table.Models.FirstOrDefault()?.Model ?? "", "", DetailOf(answer), null)
                : new ReplicaUnreachableException(replica, $"{(int)response.StatusCode}: {DetailOf(answer)}", null);
        }
        catch (Exception cause) when (cause is HttpRequestException ||
            (cause is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ReplicaUnreachableException(replica, cause.Message, cause);
        }
    }

    public void Dispose() => _http.Dispose();

    static string DetailOf(string problem)
    {
        try
        {
            using var json = JsonDocument.Parse(problem);
            return json.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString() ?? problem : problem;
        }
        catch (JsonException)
        {
            return problem;
        }
    }
}

/// <summary>A replica can't be given a routing table.</summary>
sealed class ReplicaUnreachableException(Uri replica, string reason, Exception? cause) : Exception(
    $"The replica at {replica} takes no routing table: {reason}", cause);
