namespace Capstan.Serving;

/// <summary>What a replica serves, and who may change it.</summary>
public sealed record ReplicaOptions
{
    public PredictionServerOptions Server { get; init; } = new();

    /// <summary>How many bytes loaded models may take, each counted as three times its files; the least recently asked go first.</summary>
    public long MemoryLimitBytes { get; init; } = 1L << 30;

    /// <summary>
    /// Who knows it may give the replica routing tables over HTTP (<c>PUT /v1beta/table</c>); null lets nobody.
    /// </summary>
    public string? Token { get; init; }

    /// <summary>
    /// Whether only who knows the token may ask for predictions, too: other machines reach the replica, and it knows no caller.
    /// </summary>
    public bool IsPrivate { get; init; }

    /// <summary>
    /// A folder of this replica alone, for artifacts that it is sent; null: it reads those of the routing table where that says.
    /// </summary>
    public string? ArtifactFolder { get; init; }

    /// <summary>
    /// A file with the routing table, which is read again within a second of its change; null where tables come otherwise.
    /// </summary>
    public string? TableFile { get; init; }
}
