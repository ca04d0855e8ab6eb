using System.Text.Json.Nodes;

namespace Capstan.Service;

/// <summary>Errors as Google's clients read them: <c>{"error":{"code","message","status","details"}}</c>.</summary>
static class ErrorEnvelope
{
    /// <summary>google.rpc's mapping.</summary>
    public static int HttpStatusOf(StatusCode code) => code switch
    {
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.OutOfRange => 400,
        StatusCode.Unauthenticated => 401,
        StatusCode.PermissionDenied => 403,
        StatusCode.NotFound => 404,
        StatusCode.AlreadyExists or StatusCode.Aborted => 409,
        StatusCode.ResourceExhausted => 429,
        StatusCode.Cancelled => 499,
        StatusCode.Unimplemented => 501,
        StatusCode.Unavailable => 503,
        StatusCode.DeadlineExceeded => 504,
        _ => 500,
    };

    /// <summary>INVALID_ARGUMENT for InvalidArgument.</summary>
    public static string NameOf(StatusCode code) => string.Concat(
        $"{code}".Select((c, index) => index > 0 && char.IsAsciiLetterUpper(c) ? $"_{c}" : $"{char.ToUpperInvariant(c)}"));

    public static JsonObject Of(ServiceException problem)
    {
        var error = new JsonObject
        {
            ["code"] = problem.HttpStatus ?? HttpStatusOf(problem.Code), ["message"] = problem.Message,
            ["status"] = NameOf(problem.Code),
        };
        if (problem.Violations.Count > 0)
        {
            error["details"] = new JsonArray(new JsonObject
            {
                ["@type"] = "type.googleapis.com/google.rpc.BadRequest",
                ["fieldViolations"] = new JsonArray(
                    [.. problem.Violations.Select(each =>
                        new JsonObject { ["field"] = each.Field, ["description"] = each.Description })]),
            });
        }

        return new JsonObject { ["error"] = error };
    }

    /// <summary>As an operation holds it.</summary>
    public static JsonObject StatusOf(StatusCode code, string message) => new() { ["code"] = (int)code, ["message"] = message };
}
