using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Capstan.Serving;

namespace Capstan.Gateway;

/// <summary>What the gateway alone knows of a model: how it scales, and where to go back to.</summary>
/// <param name="Previous">The split before this one; null where there was none.</param>
/// <param name="Canary">A version on trial; null where there is none.</param>
public sealed record ModelFleet(string Model, ScaleSettings Scaling, Split? Previous, CanarySettings? Canary);

/// <summary>All that a gateway keeps: the routing table, and what it alone knows of each model. Immutable.</summary>
public sealed class FleetDocument(RoutingTable table, ImmutableArray<ModelFleet> fleets)
{
    public static FleetDocument Empty { get; } = new(RoutingTable.Empty, []);

    public RoutingTable Table { get; } = table;

    public ImmutableArray<ModelFleet> Fleets { get; } = fleets.IsDefault ? [] : fleets;

    public ModelFleet FleetOf(string model) =>
        Fleets.FirstOrDefault(fleet => fleet.Model == model) ?? new ModelFleet(model, new ScaleSettings(), null, null);

    public FleetDocument With(ModelRoute? route, ModelFleet fleet) => new(
        Table.With(fleet.Model, route), route is null ? Without(fleet.Model) : Without(fleet.Model).Add(fleet));

    /// <summary>All that is kept of a model; null where it has no route.</summary>
    public KeptRoute? Find(string model) => Table.Find(model) is { } route ? new KeptRoute(route, FleetOf(model)) : null;

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, FleetJson.Default.FleetDocument);

    /// <exception cref="UnreadableTableException">It is not such a document.</exception>
    public static FleetDocument FromJson(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, FleetJson.Default.FleetDocument)
                ?? throw new UnreadableTableException("it is null", null);
        }
        catch (Exception cause) when (cause is JsonException or ArgumentException)
        {
            throw new UnreadableTableException(cause.Message, cause);
        }
    }

    ImmutableArray<ModelFleet> Without(string model) => Fleets.RemoveAll(fleet => fleet.Model == model);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(FleetDocument))]
[JsonSerializable(typeof(KeptRoute))]
[JsonSerializable(typeof(Deployment))]
[JsonSerializable(typeof(VersionReference))]
[JsonSerializable(typeof(SplitRequest))]
[JsonSerializable(typeof(ScaleSettings))]
[JsonSerializable(typeof(OutcomeReport))]
sealed partial class FleetJson : JsonSerializerContext;
