using Capstan.Models;
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
        $"{string.Join(", ", models.All.Select(route => route.Name))}.");

    public static Problem UnknownVersion(string found, ServedRoute route) => new(
        404, "unknown_version", "The model has no such version",
        $"Model '{route.Name}' has no version or label '{RequestProblems.Shorten(found)}'; it has the versions " +
        $"{string.Join(", ", route.Versions.Select(slot => slot.Version))}.");

    public static Problem NoTraffic(ServedRoute route) => new(
        400, "no_traffic", "The model takes no traffic",
        $"No version of model '{route.Name}' has a share of its traffic. Name a version in the address, or give one a share: " +
        $"capstan deploy.");

    public static Problem NotReady(VersionNotReadyException problem) => new(
        503, "version_not_ready", "The version is not ready", problem.Message, RetryAfterSeconds: 1);

    public static Problem ForeignModelFailed(string model, ForeignModelException failure) => new(
        500, "foreign_model_failed", "The model of another program failed",
        $"Model '{model}' was made by another program, and fails on this request: {failure.Problem}");

    public static Problem TooManyRequests(VersionSlot version) => new(
        429, "too_many_requests", "All places are taken",
        $"Version '{version.Version}' of model '{version.Model}' is answering {version.MaxConcurrency} requests, the most that it " +
        $"answers at the same time here. Send this one again in a moment, and fewer at the same time.", RetryAfterSeconds: 1);

    public static Problem InvalidTimeout(string found) => new(
        400, "invalid_timeout", "The timeout is no number of milliseconds",
        $"The header {RequestDeadline.Header} is '{RequestProblems.Shorten(found)}', expected a whole number of milliseconds.");

    public static Problem DeadlineExceeded(int milliseconds) => new(
        504, "deadline_exceeded", "The caller's time is over",
        $"The {milliseconds:N0} ms that the caller waits were over before the prediction began; nothing was computed.");

    public static Problem WrongMethod(string method, string path, string expected) => new(
        405, "wrong_method", "Another method is expected here",
        $"{method} does not go with '{RequestProblems.Shorten(path)}'; use {expected}.");

    public static Problem NotAllowed() => new(
        401, "not_allowed", "The token is missing or another",
        "Only who started this replica may give it routing tables: send its token as 'Authorization: Bearer TOKEN'.");

    public static Problem OtherArtifact(string hash, string reason) => new(
        400, "other_artifact", "The files are not the artifact that they are said to be",
        $"The artifact {hash} was sent, but {reason}");

    public static Problem NotYourReplica() => new(
        401, "not_your_replica", "This replica is another's",
        $"This replica answers its gateway alone; ask the gateway.");

    public static Problem InvalidTable(UnreadableTableException problem) => new(
        400, "invalid_table", "The routing table can't be used", problem.Message);

    public static Problem OldTable(long found, long current) => new(
        409, "old_table", "A newer table is in use",
        $"The table has generation {found:N0}, and generation {current:N0} is in use; send a newer one.");

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
