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
        // Loading large models takes a while, and so does sending them.
        Timeout = TimeSpan.FromMinutes(5),
    };

    /// <summary>Returns when the replica answers by the table, and has the artifacts that it could not read itself.</summary>
    /// <exception cref="VersionNotReadyException">It can't load a version of it.</exception>
    /// <exception cref="ReplicaUnreachableException">It is gone, or answers something else.</exception>
    public async Task GiveTableAsync(IReplica replica, string token, RoutingTable table, CancellationToken cancellationToken)
    {
        foreach (var version in replica.SharesFolders ? [] : table.Models.SelectMany(route => route.Versions))
        {
            await GiveArtifactAsync(replica.Address, token, version, cancellationToken);
        }

        await SendAsync(replica.Address, HttpMethod.Put, "/v1beta/table", token, new ByteArrayContent(table.ToJson()), table, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    async Task GiveArtifactAsync(Uri replica, string token, RoutedVersion version, CancellationToken cancellationToken)
    {
        var path = $"/v1beta/artifacts/{version.Hash}";
        var found = await SendAsync(replica, HttpMethod.Get, path, token, null, null, cancellationToken);
        if (!found.Contains("true", StringComparison.Ordinal))
        {
            await SendAsync(replica, HttpMethod.Put, path, token, new ArtifactContent(version.Artifact), null, cancellationToken);
        }
    }

    async Task<string> SendAsync(
        Uri replica, HttpMethod method, string path, string token, HttpContent? content, RoutingTable? table, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(replica, path)) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            var answer = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return answer;
            }

            throw response.StatusCode == HttpStatusCode.ServiceUnavailable
                ? new VersionNotReadyException(table?.Models.FirstOrDefault()?.Model ?? "", "", DetailOf(answer), null)
                : new ReplicaUnreachableException(replica, $"{(int)response.StatusCode}: {DetailOf(answer)}", null);
        }
        catch (Exception cause) when (cause is HttpRequestException or IOException ||
            (cause is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ReplicaUnreachableException(replica, cause.Message, cause);
        }
    }

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
