using System.Text.Json;
using Capstan.Serving;

namespace Capstan.Gateway;

/// <summary>All that is kept of one model: its route, and what gateways alone know of it.</summary>
public sealed record KeptRoute(ModelRoute Route, ModelFleet Fleet)
{
    /// <summary>Whether requests are divided as by another one.</summary>
    public bool SplitsAs(KeptRoute? other) => other?.Route.Split is { } split && split.Sticky == Route.Split.Sticky &&
        split.Shares.SequenceEqual(Route.Split.Shares) && split.Shadows.SequenceEqual(Route.Split.Shadows);

    /// <summary>The same text for the same content.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FleetJson.Default.KeptRoute);

    /// <exception cref="UnreadableTableException">It is no route.</exception>
    public static KeptRoute FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, FleetJson.Default.KeptRoute) ?? throw new UnreadableTableException("it is null", null);
        }
        catch (Exception cause) when (cause is JsonException or ArgumentException)
        {
            throw new UnreadableTableException(cause.Message, cause);
        }
    }
}
