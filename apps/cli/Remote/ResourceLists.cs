using System.Text.Json.Nodes;
using Capstan.Client;

namespace Capstan.Cli;

/// <summary>Whole collections, page by page.</summary>
static class ResourceLists
{
    public static async Task<IReadOnlyList<JsonObject>> AllAsync(
        CapstanConnection connection, string path, string collection, CancellationToken cancellationToken)
    {
        var all = new List<JsonObject>();
        string? token = null;
        do
        {
            var page = await connection.SendAsync(
                HttpMethod.Get, $"{path}?pageSize=100{(token is null ? "" : $"&pageToken={Uri.EscapeDataString(token)}")}", null,
                cancellationToken);
            all.AddRange((page[collection] as JsonArray ?? []).OfType<JsonObject>());
            token = page["nextPageToken"]?.GetValue<string>();
        }
        while (token is not null);
        return all;
    }
}
