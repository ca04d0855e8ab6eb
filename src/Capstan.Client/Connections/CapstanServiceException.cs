using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Client;

/// <summary>A server's refusal.</summary>
public sealed class CapstanServiceException(int httpStatus, string status, string message) : Exception(message)
{
    public int HttpStatus { get; } = httpStatus;

    /// <summary>google.rpc's name of the kind: <c>NOT_FOUND</c>, <c>INVALID_ARGUMENT</c>.</summary>
    public string Status { get; } = status;

    /// <summary>What is wrong with which field, where the server says so.</summary>
    public IReadOnlyList<(string Field, string Description)> Violations { get; private init; } = [];

    internal static CapstanServiceException Of(int httpStatus, byte[] body)
    {
        JsonObject? error = null;
        try
        {
            error = (JsonNode.Parse(body) as JsonObject)?["error"] as JsonObject;
        }
        catch (JsonException)
        {
            // Something in between answered, such as a proxy.
        }

        return error is null
            ? new CapstanServiceException(httpStatus, "UNKNOWN",
                $"The server answered {httpStatus}, and not as Capstan does; is the address right?")
            : new CapstanServiceException(httpStatus, $"{error["status"]}", $"{error["message"]}")
            {
                Violations =
                [
                    .. (error["details"] as JsonArray ?? []).SelectMany(detail => detail?["fieldViolations"] as JsonArray ?? [])
                        .Select(each => ($"{each?["field"]}", $"{each?["description"]}")),
                ],
            };
    }
}
