using Capstan.Serving;

namespace Capstan.Gateway;

/// <summary>The words for requests that a gateway itself refuses.</summary>
static class GatewayProblems
{
    public static Problem NoPlace(string model, GroupState state, TimeSpan held) => new(
        503, "no_place", "There is no place for the request",
        $"Model '{model}' has {state.Ready} replicas with {state.InProgress} requests in progress, and {state.Held} are held; this one was held for " +
        $"{held.TotalSeconds:0.#} s.{(state.Problem is { } problem ? $" The last replica did not start: {problem}" : "")} Send it again later, or " +
        $"allow the model more replicas: capstan scale.", RetryAfterSeconds: 1);

    public static Problem ReplicaLost(string model) => new(
        502, "replica_lost", "The replica was lost",
        $"The replica of model '{model}' that had the request ended before it answered, and so did the next one. Send it again.",
        RetryAfterSeconds: 1);

    public static Problem Of(RouteRefusedException refusal) =>
        new(refusal.Status, refusal.Code, refusal.Title, refusal.Message);

    public static Problem InvalidBody(string reason, string expected) => new(
        400, "invalid_body", "The body is not what the address takes", $"{reason} Expected {expected}.");
}
