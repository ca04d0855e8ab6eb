using System.Text.Json.Nodes;

namespace Capstan.Registry.Tests.Databases;

/// <summary>Copies of models, and when nobody needs them.</summary>
public sealed class ArtifactConformance : RegistryConformance
{
    [Theory, MemberData(nameof(Kinds))]
    public async Task Copies_are_collectable_when_no_version_has_had_them_for_long_enough(string kind)
    {
        var (address, end) = await Registries.NewAsync(kind);
        await using (end)
        await using (var database = await RegistryDatabase.OpenAsync(address, None))
        {
            const string Version = "projects/p/models/m/versions/v";
            static ArtifactRecord Copy(string hash) => new(hash, 1, 1, Now, null, null);
            Task<string?> FindAsync(DateTimeOffset before) => database.WriteAsync(async session =>
            {
                await session.Artifacts.MarkUnusedAsync(Now, None);
                return (await session.Artifacts.CollectableAsync(before, None))?.Hash;
            }, None);
            await database.WriteAsync(async session =>
            {
                await session.Artifacts.ClaimAsync(Copy("used"), None);
                await session.Artifacts.ClaimAsync(Copy("unused"), None);
                await session.Resources.TryInsertAsync(new Resource(Version, "version", "projects/p/models/m", "READY", new JsonObject { ["artifactHash"] = "used" }), None);
                await session.Lineage.AddAsync([new(Version, "served-from", "artifact:used"), new(Version, "served-from", "artifact:unused")], None);
            }, None);
            Assert.Null(await FindAsync(Now)); // just found unused
            Assert.Equal("unused", await FindAsync(Now + Lease));
            await database.WriteAsync(session => session.Artifacts.ClaimAsync(Copy("unused"), None), None);
            Assert.Null(await database.WriteAsync(session => session.Artifacts.CollectableAsync(Now + Lease, None), None));
            Assert.Equal("unused", await FindAsync(Now + Lease)); // marked anew
            await database.WriteAsync(session => session.Artifacts.DeleteAsync("unused", None), None);
            Assert.Null(await FindAsync(Now + Lease));
            await database.WriteAsync(session => session.Resources.DeleteAsync(Version, None), None);
            Assert.Equal("used", await FindAsync(Now + Lease));
        }
    }
}
