using System.Text.Json.Nodes;

namespace Capstan.Registry.Tests.Databases;

/// <summary>What every database must do, the same for all.</summary>
public abstract class RegistryConformance
{
    protected static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    protected static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    public static TheoryData<string> Kinds => Registries.All;

    protected static CancellationToken None => CancellationToken.None;

    private protected static Resource Thing(string id, string state = "READY") =>
        new($"projects/p/things/{id}", "thing", "projects/p", state, new JsonObject { ["id"] = id });
}
