using Microsoft.AspNetCore.Http;

namespace Capstan.Serving;

/// <summary>The words for requests that fail before their body is looked at, and for failures of our own.</summary>
static class HttpProblems
{
    public static Problem UnknownAddress(string path) => new(404, "unknown_address", "There is nothing at this address",
        $"There is nothing at '{RequestProblems.Shorten(path)}'; there are POST /v1/models/NAME:predict, POST " +
        $"/v1/models/NAME:explain, GET /v1/models/NAME, GET /v1/models and GET /healthz.");

    public static Problem UnknownModel(string name, ServedModels models) => new(404, "unknown_model", "There is no such model",
        $"There is no model '{RequestProblems.Shorten(name)}' here; served are: " +
        $"{string.Join(", ", models.All.Select(slot => slot.Model.Name))}.");

    public static Problem WrongMethod(string method, string path, string expected) => new(
        405, "wrong_method", "Another method is expected here",
        $"{method} does not go with '{RequestProblems.Shorten(path)}'; use {expected}.");

    public static Problem Internal(string requestId) => new(500, "internal", "The server failed",
        $"The server failed on this request; its log tells more under the request id {requestId}.");

    public static Problem BodyTooLarge(int maxBodyBytes) => new(413, "body_too_large", "The body is too large",
        $"The body is larger than {maxBodyBytes:N0} bytes, the most that this server takes. Send fewer instances per " +
        $"request, or raise the server's limit.");

    /// <summary>What the HTTP server itself refused: broken chunks, a body that ends early or comes too slowly.</summary>
    public static Problem Of(BadHttpRequestException refusal) =>
        new(refusal.StatusCode, "bad_http_request", "The request is not proper HTTP", $"The HTTP server refused the " +
            $"request: {refusal.Message}");
}
