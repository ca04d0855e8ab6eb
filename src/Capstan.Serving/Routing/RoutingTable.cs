using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Capstan.Serving;

/// <summary>
/// Which models there are, in which versions, and who answers what: all that front doors share. Immutable; a change is another
/// table with a higher generation.
/// </summary>
/// <param name="generation">Rises with every change; a replica takes no table that is older than its own.</param>
public sealed class RoutingTable(long generation, ImmutableArray<ModelRoute> models)
{
    public static RoutingTable Empty { get; } = new(0, []);

    public long Generation { get; } = generation;

    public ImmutableArray<ModelRoute> Models { get; } = models.IsDefault ? [] : models;

    public ModelRoute? Find(string model) => Models.FirstOrDefault(route => route.Model == model);

    /// <summary>The next table, with a model's route replaced, or taken away where it is null.</summary>
    public RoutingTable With(string model, ModelRoute? route)
    {
        var others = Models.RemoveAll(each => each.Model == model);
        return new RoutingTable(Generation + 1, route is null ? others : others.Add(route));
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RoutingJson.Default.RoutingTable);

    /// <exception cref="UnreadableTableException">It is not a table.</exception>
    public static RoutingTable FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, RoutingJson.Default.RoutingTable)
                ?? throw new UnreadableTableException("it is null", null);
        }
        catch (Exception cause) when (cause is JsonException or ArgumentException)
        {
            throw new UnreadableTableException(cause.Message, cause);
        }
    }
}

/// <summary>A routing table can't be read, or contradicts itself.</summary>
public sealed class UnreadableTableException(string reason, Exception? cause) : Exception(
    $"This is no routing table: {reason} Expected {{\"generation\":1,\"models\":[{{\"model\":\"trips\",\"versions\":[…],\"split\":{{…}}}}]}}.",
    cause);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(RoutingTable))]
[JsonSerializable(typeof(ModelRoute))]
[JsonSerializable(typeof(Split))]
sealed partial class RoutingJson : JsonSerializerContext;
