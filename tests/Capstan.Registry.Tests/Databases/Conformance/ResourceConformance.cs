using System.Text.Json.Nodes;

namespace Capstan.Registry.Tests.Databases;

/// <summary>What is kept by name: written once, changed by one, found by order and filter.</summary>
public sealed class ResourceConformance : RegistryConformance
{
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
}
