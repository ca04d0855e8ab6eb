using System.Text.Json.Nodes;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>A page of a collection: filtered, limited, with a token for the next.</summary>
static class ResourceList
{
    // Read from the database at a time while a filter looks for matches.
    const int Block = 500;

    /// <param name="collection">The member that holds the list: <c>models</c>.</param>
    /// <param name="render">A resource as it is answered; filters see it so.</param>
    /// <returns>An empty list has no member at all, as Google's services answer it.</returns>
    public static async Task<JsonObject> ReadAsync(
        ApiRequest request, RegistrySession session, string kind, string collection, ResourceOrder order, MessageType type,
        Func<Resource, JsonObject> render)
    {
        var size = Paging.SizeOf(request.Parameter("pageSize"));
        var filter = ListFilter.Parse(request.Parameter("filter"), type);
        var after = Paging.After(request.Parameter("pageToken"), order == ResourceOrder.ByName);
        var page = new JsonArray();
        object? last = null;
        var stored = filter.StoredPart($"{request.Name}/{collection}/");
        var limit = filter.IsStored ? size + 1 : Block;
        while (true)
        {
            var block = await session.Resources.ListAsync(
                request.Name, kind, order, after, stored, limit, request.Cancellation);
            foreach (var resource in block)
            {
                after = order == ResourceOrder.ByName ? resource.Name : resource.Sequence;
                var json = render(resource);
                if (!filter.Matches(json))
                {
                    continue;
                }

                if (page.Count == size)
                {
                    return new JsonObject { [collection] = page,
                        ["nextPageToken"] = Paging.TokenOf(last!) }; // a full page has a last one
                }

                page.Add(json);
                last = after;
            }

            if (block.Count < limit)
            {
                return page.Count == 0 ? [] : new JsonObject { [collection] = page };
            }
        }
    }
}
