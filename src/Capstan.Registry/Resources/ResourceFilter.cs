namespace Capstan.Registry;

/// <summary>What every resource of a list must be like, as far as the database has an index for it.</summary>
public sealed record ResourceFilter
{
    public static ResourceFilter None { get; } = new();

    /// <summary>Null: any.</summary>
    public string? State { get; init; }

    /// <summary>The beginning of the whole name; null: any.</summary>
    public string? NameBeginning { get; init; }

    /// <summary>Labels that it must have, each with its value.</summary>
    public IReadOnlyList<(string Label, string Value)> Labels { get; init; } = [];
}
