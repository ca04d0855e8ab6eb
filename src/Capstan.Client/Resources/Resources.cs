using System.Text.Json.Serialization;

namespace Capstan.Client;

/// <summary>A model as the server tells of it.</summary>
public sealed record ModelResource
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>What answers where no version is named; null: none is ready yet.</summary>
    public VersionResource? DefaultVersion { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public string? Etag { get; init; }
}

/// <summary>A version of a model.</summary>
public sealed record VersionResource
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    public string? DeploymentUri { get; init; }

    /// <summary>CREATING, READY or FAILED.</summary>
    public string? State { get; init; }

    public string? ErrorMessage { get; init; }

    public bool IsDefault { get; init; }

    public DateTimeOffset? CreateTime { get; init; }

    public string? Etag { get; init; }
}

/// <summary>A job.</summary>
public sealed record JobResource
{
    public required string JobId { get; init; }

    /// <summary>QUEUED, PREPARING, RUNNING, SUCCEEDED, FAILED, CANCELLING or CANCELLED.</summary>
    public string? State { get; init; }

    public string? ErrorMessage { get; init; }

    public DateTimeOffset? CreateTime { get; init; }

    public DateTimeOffset? StartTime { get; init; }

    public DateTimeOffset? EndTime { get; init; }

    public string? Etag { get; init; }
}

/// <summary>The client's types as JSON, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ModelResource))]
[JsonSerializable(typeof(VersionResource))]
[JsonSerializable(typeof(JobResource))]
sealed partial class ClientJson : JsonSerializerContext;
