using System.Text.Json.Nodes;

namespace Capstan.Registry.Tests.Databases;

/// <summary>All that is kept: there again after a backup, and refused of a later release.</summary>
public sealed class StorageConformance : RegistryConformance
{
    [Theory, MemberData(nameof(Kinds))]
    public async Task Logs_policies_keys_lineage_and_artifacts_are_kept(string kind)
    {
        var (address, end) = await Registries.NewAsync(kind);
        await using (end)
        await using (var database = await RegistryDatabase.OpenAsync(address, None))
        {
            await FillAsync(database);
            await CheckAsync(database);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_backup_restores_into_either_database(string kind)
    {
        var (address, end) = await Registries.NewAsync(kind);
        var place = Directory.CreateTempSubdirectory("capstan-backup-");
        await using (end)
        await using (var database = await RegistryDatabase.OpenAsync(address, None))
        {
            var store = new FolderStore(Path.Combine(place.FullName, "store"));
            await store.WriteAsync("a/b", new MemoryStream([1, 2, 3]), None);
            await FillAsync(database);
            await database.WriteAsync(session => session.Resources.TryInsertAsync(
                Thing("a") with { Body = new JsonObject { ["labels"] = new JsonObject { ["team"] = "rides" } } }, None), None);
            var backup = Path.Combine(place.FullName, "backup");
            await RegistryBackup.WriteAsync(database, store, backup, None);
            await Assert.ThrowsAsync<IOException>(() => RegistryBackup.WriteAsync(database, store, backup, None));
            foreach (var target in (string[])["SQLite", kind])
            {
                var (restored, restoredEnd) = await Registries.NewAsync(target);
                await using (restoredEnd)
                await using (var copy = await RegistryDatabase.OpenAsync(restored, None))
                {
                    var files = new FolderStore(Path.Combine(place.FullName, $"restored-{Guid.NewGuid():N}"));
                    await RegistryBackup.RestoreAsync(backup, copy, files, None);
                    await CheckAsync(copy);
                    Assert.NotNull(await copy.ReadAsync(session => session.Resources.FindAsync("projects/p/things/a", None), None));
                    Assert.Single(await copy.ReadAsync(session => session.Resources.ListAsync(
                        "projects/p", "thing", ResourceOrder.ByName, (object?)null, new ResourceFilter { Labels = [("team", "rides")] }, 9, None), None));
                    Assert.NotNull(await files.OpenAsync("a/b", None));
                    await Assert.ThrowsAsync<IOException>(() => RegistryBackup.RestoreAsync(backup, copy, files, None));
                }
            }
        }

        place.Delete(recursive: true);
    }

    static Task FillAsync(RegistryDatabase database) => database.WriteAsync(async session =>
    {
        await session.Logs.AppendAsync("projects/p/jobs/j", [new LogLine(Now, "INFO", "master-replica-0", "one"), new LogLine(Now, "ERROR", "master-replica-0", "two\u0007")], None);
        Assert.Equal(1, await session.Access.TrySetPolicyAsync("projects/p", new JsonObject { ["version"] = 1 }, 0, None));
        Assert.Null(await session.Access.TrySetPolicyAsync("projects/p", [], 0, None));
        Assert.Equal(2, await session.Access.TrySetPolicyAsync("projects/p", new JsonObject { ["version"] = 2 }, 1, None));
        await session.Access.AddKeyAsync(new ApiKey("k", "hash", "serviceAccount:a", Now, Now + Lease, null), None);
        await session.Lineage.AddAsync([new("v", "from", "m"), new("m", "on", "d"), new("v", "from", "m"), new("d", "loops-to", "v")], None);
        await session.Artifacts.ClaimAsync(new ArtifactRecord("h", 2, 3, Now, null, null), None);
        await session.Artifacts.SetVerdictAsync("h", Now + Lease, "gone", None);
        Assert.True(await session.Routes.TryWriteAsync("m", "first", 0, None));
        Assert.False(await session.Routes.TryWriteAsync("n", "late", 0, None));
        Assert.True(await session.Routes.TryWriteAsync("m", "route", 1, None));
        await session.Outcomes.AddAsync("m", "one", None);
        await session.Outcomes.AddAsync("m", "two", None);
    }, None);

    static Task CheckAsync(RegistryDatabase database) => database.ReadAsync(async session =>
    {
        var lines = await session.Logs.ReadAsync("projects/p/jobs/j", 0, 10, None);
        Assert.Equal(["one", "two\u0007"], lines.Select(line => line.Text));
        Assert.Equal(["two\u0007"], (await session.Logs.ReadAsync("projects/p/jobs/j", lines[0].Sequence, 10, None)).Select(line => line.Text));
        var (policy, revision) = await session.Access.PolicyAsync("projects/p", None);
        Assert.Equal((2, 2), ((int)policy["version"]!, revision));
        Assert.Equal(new ApiKey("k", "hash", "serviceAccount:a", Now, Now + Lease, null), await session.Access.FindKeyAsync("hash", None));
        Assert.Equal([new("v", "from", "m"), new("m", "on", "d"), new("d", "loops-to", "v")], await session.Lineage.FromAsync("v", None));
        Assert.Equal("gone", (await session.Artifacts.FindAsync("h", None))!.Damage);
        Assert.Null(await session.Artifacts.LongestUnverifiedAsync(Now, None));
        var routes = await session.Routes.ReadAsync(None);
        Assert.Equal((2, "route"), (routes.Generation, Assert.Single(routes.Bodies).Value));
        var outcomes = await session.Outcomes.ReadAsync("m", 0, None);
        Assert.Equal(["one", "two"], outcomes.Select(outcome => outcome.Body));
        Assert.Equal("two", Assert.Single(await session.Outcomes.ReadAsync("m", outcomes[0].Sequence, None)).Body);
        return true;
    }, None);

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_database_of_a_later_release_is_refused(string kind)
    {
        var (address, end) = await Registries.NewAsync(kind);
        await using (end)
        {
            await using (var database = await RegistryDatabase.OpenAsync(address, None))
            {
                await database.WriteAsync(session => session.ExecuteAsync("insert into registry (version) values (99)", None), None);
            }

            var refusal = await Assert.ThrowsAsync<RegistryUnavailableException>(() => RegistryDatabase.OpenAsync(address, None));
            Assert.Contains("version 99", refusal.Message);
        }
    }
}
