namespace Capstan.Training;

/// <summary>Where training rows may be kept.</summary>
public sealed record FeatureStoreOptions
{
    public static FeatureStoreOptions Default { get; } = new();

    /// <summary>
    /// Packed rows kept in memory; those beyond are spilled to a file. Reading spilled rows takes up to about 90 MiB more.
    /// </summary>
    public long MemoryBytes { get; init; } = 256L << 20;

    /// <summary>
    /// The folder for the spill file, which is deleted when the store is disposed or the process ends. Null: the system's
    /// temporary folder.
    /// </summary>
    public string? SpillFolder { get; init; }
}
