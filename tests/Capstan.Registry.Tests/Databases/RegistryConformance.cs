using System.Text.Json.Nodes;

namespace Capstan.Registry.Tests.Databases;

/// <summary>What every database must do, the same for all.</summary>
public sealed class RegistryConformance
{
    static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    public static TheoryData<string> Kinds => Registries.All;

    static CancellationToken None => CancellationToken.None;

    static Resource Thing(string id, string state = "READY") =>
        new($"projects/p/things/{id}", "thing", "projects/p", state, new JsonObject { ["id"] = id });

    [Theory, MemberData(nameof(Kinds))]
    public async Task What_is_written_is_read_and_names_are_taken_once(string kind)
    {
        var (address, end) = await Registries.NewAsync(kind);
        await using (end)
        await using (var database = await RegistryDatabase.OpenAsync(address, None))
        {
            Assert.True(await database.WriteAsync(session => session.Resources.TryInsertAsync(Thing("a"), None), None));
            Assert.False(await database.WriteAsync(session => session.Resources.TryInsertAsync(Thing("a", "OTHER"), None), None));
            var found = await database.ReadAsync(session => session.Resources.FindAsync("projects/p/things/a", None), None);
            Assert.Equal(("READY", 1, "p", "a", """{"id":"a"}"""), (found!.State, found.Revision, found.Project, found.Id, found.Body.ToJsonString()));
            Assert.Null(await database.ReadAsync(session => session.Resources.FindAsync("projects/p/things/A", None), None));
            Assert.True(await database.WriteAsync(session => session.Resources.DeleteAsync(found.Name, None), None));
            Assert.False(await database.WriteAsync(session => session.Resources.DeleteAsync(found.Name, None), None));
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Of_64_changes_at_one_revision_exactly_one_is_stored(string kind)
    {
        var (address, end) = await Registries.NewAsync(kind);
        await using (end)
        await using (var database = await RegistryDatabase.OpenAsync(address, None))
        {
            await database.WriteAsync(session => session.Resources.TryInsertAsync(Thing("a"), None), None);
            var read = (await database.ReadAsync(session => session.Resources.FindAsync("projects/p/things/a", None), None))!;
            var changes = await Task.WhenAll(Enumerable.Range(0, 64).Select(index => Task.Run(() => database.WriteAsync(
                session => session.Resources.TryUpdateAsync(read with { State = $"S{index}" }, None), None))));
            var won = Assert.Single(changes, change => change is not null);
            var stored = await database.ReadAsync(session => session.Resources.FindAsync(read.Name, None), None);
            Assert.Equal((won!.State, 2), (stored!.State, stored.Revision));
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_transaction_is_stored_whole_or_not_at_all(string kind)
    {
        var (address, end) = await Registries.NewAsync(kind);
        await using (end)
        await using (var database = await RegistryDatabase.OpenAsync(address, None))
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => database.WriteAsync(async session =>
            {
                await session.Resources.TryInsertAsync(Thing("a"), None);
                await session.Audit.AddAsync(new AuditEntry(Now, "m", "x", "projects/p", "OK"), None);
                throw new InvalidOperationException();
            }, None));
            Assert.Null(await database.ReadAsync(session => session.Resources.FindAsync("projects/p/things/a", None), None));
            Assert.Empty(await database.ReadAsync(session => session.Audit.LatestAsync("p", 10, None), None));
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Lists_have_an_order_and_go_on_where_they_ended(string kind)
    {
        var (address, end) = await Registries.NewAsync(kind);
        await using (end)
        await using (var database = await RegistryDatabase.OpenAsync(address, None))
        {
            // Upper before lower case: the order of bytes, whatever the database's language.
            string[] ids = ["b", "B", "a_1", "a1", "Z"];
            await database.WriteAsync(async session =>
            {
                foreach (var id in ids)
                {
                    await session.Resources.TryInsertAsync(Thing(id, id == "Z" ? "FAILED" : "READY"), None);
                }
            }, None);
            await database.ReadAsync(async session =>
            {
                Assert.Equal(ids.Order(StringComparer.Ordinal), await AllAsync(session, ResourceOrder.ByName));
                Assert.Equal(ids.Reverse(), await AllAsync(session, ResourceOrder.NewestFirst));
                Assert.Equal(["Z"], (await session.Resources.ListAsync("projects/p", "thing", ResourceOrder.ByName, (object?)null, new ResourceFilter { State = "FAILED" }, 9, None)).Select(each => each.Id));
                Assert.Equal(5, await session.Resources.CountAsync("projects/p", "thing", None));
                return true;
            }, None);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Filters_find_states_beginnings_and_labels_as_they_are_now(string kind)
    {
        var (address, end) = await Registries.NewAsync(kind);
        await using (end)
        await using (var database = await RegistryDatabase.OpenAsync(address, None))
        {
            static Resource Labelled(string id, string team) =>
                Thing(id) with { Body = new JsonObject { ["labels"] = new JsonObject { ["team"] = team, ["id"] = id.ToLowerInvariant() } } };
            Task<string[]> FindAsync(ResourceFilter filter) => database.ReadAsync(async session => (await session.Resources.ListAsync(
                "projects/p", "thing", ResourceOrder.NewestFirst, (object?)null, filter, 9, None)).Select(each => each.Id).ToArray(), None);
            await database.WriteAsync(async session =>
            {
                foreach (var (id, team) in new[] { ("a1", "rides"), ("A2", "rides"), ("a3", "food"), ("b", "é") })
                {
                    await session.Resources.TryInsertAsync(Labelled(id, team), None);
                }

                Assert.False(await session.Resources.TryInsertAsync(Labelled("a1", "other"), None));
            }, None);
            Assert.Equal(["A2", "a1"], await FindAsync(new ResourceFilter { Labels = [("team", "rides")] }));
            Assert.Equal(["b"], await FindAsync(new ResourceFilter { Labels = [("team", "é")] }));
            Assert.Equal(["a1"], await FindAsync(new ResourceFilter { Labels = [("team", "rides"), ("id", "a1")] }));
            Assert.Equal(["a3", "a1"], await FindAsync(new ResourceFilter { NameBeginning = "projects/p/things/a" }));
            Assert.Equal(["a3"], await FindAsync(new ResourceFilter { NameBeginning = "projects/p/things/a", Labels = [("team", "food")] }));
            await database.WriteAsync(async session =>
            {
                var changed = (await session.Resources.FindForUpdateAsync("projects/p/things/a1", None))!;
                await session.Resources.TryUpdateAsync(changed with { Body = new JsonObject { ["labels"] = new JsonObject { ["team"] = "food" } }, State = "DONE" }, None);
                await session.Resources.DeleteAsync("projects/p/things/a3", None);
            }, None);
            Assert.Equal(["A2"], await FindAsync(new ResourceFilter { Labels = [("team", "rides")] }));
            Assert.Equal(["a1"], await FindAsync(new ResourceFilter { Labels = [("team", "food")], State = "DONE" }));
            Assert.Empty(await FindAsync(new ResourceFilter { Labels = [("id", "a1")] }));
        }
    }

    static async Task<List<string>> AllAsync(RegistrySession session, ResourceOrder order)
    {
        var ids = new List<string>();
        Resource? last = null;
        while (true)
        {
            var page = await session.Resources.ListAsync("projects/p", "thing", order, last, ResourceFilter.None, 2, None);
            ids.AddRange(page.Select(each => each.Id));
            if (page.Count < 2)
            {
                return ids;
            }

            last = page[^1];
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Two_servers_on_one_database_share_the_work_and_each_piece_is_done_once(string kind)
    {
        var (address, end) = await Registries.NewAsync(kind);
        await using (end)
        await using (var one = await RegistryDatabase.OpenAsync(address, None))
        await using (var other = await RegistryDatabase.OpenAsync(address, None))
        {
            await one.WriteAsync(async session =>
            {
                for (var index = 0; index < 40; index++)
                {
                    await session.Work.AddAsync(new WorkItem($"projects/p/jobs/j{index}", "job", "p", 0, Now, 0), None);
                }
            }, None);
            var done = await Task.WhenAll(new[] { (one, "one"), (other, "other") }.Select(server => Task.Run(() => WorkAsync(server.Item1, server.Item2))));
            Assert.Equal(40, done.Sum(each => each.Count));
            Assert.Equal(40, done.SelectMany(each => each).Distinct().Count());
            Assert.Empty(await one.ReadAsync(session => session.Work.ListAsync("job", None), None));
        }
    }

    static async Task<List<string>> WorkAsync(RegistryDatabase database, string holder)
    {
        var done = new List<string>();
        while (true)
        {
            var free = (await database.ReadAsync(session => session.Work.ListAsync("job", None), None)).Where(item => item.Holder is null).ToArray();
            if (free.Length == 0)
            {
                return done;
            }

            foreach (var item in free)
            {
                if (await database.WriteAsync(session => session.Work.TryTakeAsync(item.Name, holder, Now, Lease, None), None))
                {
                    Assert.True(await database.WriteAsync(session => session.Work.TryFinishAsync(item.Name, holder, None), None));
                    done.Add(item.Name);
                }
            }
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Only_the_holder_finishes_and_a_dead_ones_work_is_taken_when_its_lease_ends(string kind)
    {
        var (address, end) = await Registries.NewAsync(kind);
        await using (end)
        await using (var database = await RegistryDatabase.OpenAsync(address, None))
        {
            const string Name = "projects/p/jobs/j";
            await database.WriteAsync(session => session.Work.AddAsync(new WorkItem(Name, "job", "p", 0, Now, 0), None), None);
            Task<bool> TakeAsync(string holder, DateTimeOffset now) =>
                database.WriteAsync(session => session.Work.TryTakeAsync(Name, holder, now, Lease, None), None);
            Assert.True(await TakeAsync("a", Now));
            Assert.False(await TakeAsync("b", Now + Lease));
            Assert.True(await TakeAsync("a", Now)); // started again
            Assert.True(await database.WriteAsync(session => session.Work.TryRenewAsync(Name, "a", Now + Lease, Lease, None), None));
            Assert.False(await TakeAsync("b", Now + Lease * 1.5));
            Assert.True(await TakeAsync("b", Now + Lease * 3));
            Assert.False(await database.WriteAsync(session => session.Work.TryRenewAsync(Name, "a", Now + Lease * 3, Lease, None), None));
            Assert.False(await database.WriteAsync(session => session.Work.TryFinishAsync(Name, "a", None), None));
            Assert.False(await database.WriteAsync(session => session.Work.TryWithdrawAsync(Name, None), None));
            var item = (await database.ReadAsync(session => session.Work.FindAsync(Name, None), None))!;
            Assert.Equal(("b", 3), (item.Holder, item.Attempts));
            await database.WriteAsync(session => session.Work.ReleaseAsync(Name, "b", None), None);
            Assert.False(await database.WriteAsync(session => session.Work.TryWithdrawAsync(Name, None), None)); // begun: may still run
            Assert.True(await TakeAsync("b", Now));
            Assert.True(await database.WriteAsync(session => session.Work.TryFinishAsync(Name, "b", None), None));
        }
    }

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

    [Theory, MemberData(nameof(Kinds))]
    public async Task Of_changes_of_routes_at_one_generation_exactly_one_is_stored(string kind)
    {
        var (address, end) = await Registries.NewAsync(kind);
        await using (end)
        await using (var database = await RegistryDatabase.OpenAsync(address, None))
        {
            for (var generation = 0; generation < 3; generation++)
            {
                var won = await Task.WhenAll(Enumerable.Range(0, 16).Select(index => database.WriteAsync(
                    session => session.Routes.TryWriteAsync($"m{index}", $"at {generation}", generation, None), None)));
                Assert.Single(won, each => each);
                var stored = await database.ReadAsync(session => session.Routes.ReadAsync(None), None);
                Assert.Equal(generation + 1, stored.Generation);
                Assert.Equal($"at {generation}", stored.Bodies[$"m{Array.IndexOf(won, true)}"]);
            }
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_question_is_answered_once_or_taken_back(string kind)
    {
        var (address, end) = await Registries.NewAsync(kind);
        await using (end)
        await using (var database = await RegistryDatabase.OpenAsync(address, None))
        {
            await database.WriteAsync(async session =>
            {
                await session.Questions.AskAsync("a", "one", "m", "who?", Now, None);
                await session.Questions.AskAsync("b", "one", "m", "what?", Now, None);
                Assert.Empty(await session.Questions.OpenAsync("one", None));
                var open = await session.Questions.OpenAsync("other", None);
                Assert.Equal(["who?", "what?"], open.Select(question => question.Body));
                Assert.True(await session.Questions.TryAnswerAsync(open[0].Sequence, "me", None));
                Assert.False(await session.Questions.TryAnswerAsync(open[0].Sequence, "me, too", None));
                Assert.False(await session.Questions.TryWithdrawAsync("a", None));
                Assert.Equal("me", await session.Questions.AnswerAsync("a", None));
                Assert.Null(await session.Questions.AnswerAsync("b", None));
                Assert.True(await session.Questions.TryWithdrawAsync("b", None));
                Assert.False(await session.Questions.TryAnswerAsync(open[1].Sequence, "late", None));
                await session.Questions.ForgetAsync("a", Now, None);
                Assert.Null(await session.Questions.AnswerAsync("a", None));
                await session.FrontDoors.TellAsync(new FrontDoor("one", Now, "{}"), None);
                await session.FrontDoors.TellAsync(new FrontDoor("one", Now + Lease, "[]"), None);
                Assert.Equal(new FrontDoor("one", Now + Lease, "[]"), Assert.Single(await session.FrontDoors.ListAsync(None)));
            }, None);
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
