using System.Text.Json.Nodes;
using Capstan.Registry;
using Microsoft.AspNetCore.Http;

namespace Capstan.Service;

/// <summary>A request whose method, caller and right to ask are settled.</summary>
/// <param name="Name">The resource that the path names.</param>
/// <param name="Body">The message, read and checked; empty where the method has none.</param>
/// <param name="Raw">The body's bytes, for methods that don't speak messages.</param>
/// <param name="Id">By which caller, log and fleet know the request.</param>
sealed record ApiRequest(
    Engine Engine, ApiMethod Method, string Name, JsonObject Body, ReadOnlyMemory<byte> Raw, IQueryCollection Query,
    IHeaderDictionary Headers, string Id, Caller Caller,
    CancellationToken Cancellation)
{
    public string Project => Resource.ProjectOf(Name);

    /// <summary>A query parameter in either spelling; null: not there.</summary>
    public string? Parameter(string name)
    {
        var value = Query[name];
        value = value.Count > 0 ? value
            : Query[string.Concat(name.Select(c => char.IsAsciiLetterUpper(c) ? $"_{char.ToLowerInvariant(c)}" : $"{c}"))];
        return value.Count > 0 ? value[0] : null;
    }

    public Task<T> ReadAsync<T>(Func<RegistrySession, Task<T>> read) => Engine.Database.ReadAsync(read, Cancellation);

    /// <summary>Changes the registry and its audit log in one transaction.</summary>
    public Task<T> WriteAsync<T>(Func<RegistrySession, Task<T>> write) => Engine.Database.WriteAsync(async session =>
    {
        var result = await write(session);
        await session.Audit.AddAsync(new AuditEntry(Engine.Now, Caller.Member, Method.Id, Name, "OK"), Cancellation);
        return result;
    }, Cancellation);

    /// <summary>Compares the etag that the caller sent, if any, with what there is now.</summary>
    /// <exception cref="ServiceException">It is another.</exception>
    public void RequireEtag(Resource found)
    {
        if (Body["etag"]?.GetValue<string>() is { } etag && etag != found.Etag)
        {
            throw ServiceException.StaleEtag(found.Name);
        }
    }
}

/// <summary>What a method answers: JSON in UTF-8.</summary>
readonly record struct Answer(ReadOnlyMemory<byte> Json)
{
    /// <summary>Told with predictions: the hash of the model that made them.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>Told with predictions of the fleet: the version that made them.</summary>
    public string? Version { get; init; }

    public static Answer Of(JsonNode json) => new(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString(JsonText.Options)));
}

/// <summary>How answers are written.</summary>
static class JsonText
{
    public static readonly System.Text.Json.JsonSerializerOptions Options =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}

/// <summary>Methods that belong together, by their ids.</summary>
interface IMethodGroup
{
    IEnumerable<(string Id, Func<ApiRequest, Task<Answer>> Handle)> Methods { get; }
}
