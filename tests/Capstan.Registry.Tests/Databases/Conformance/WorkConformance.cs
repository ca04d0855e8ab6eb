namespace Capstan.Registry.Tests.Databases;

/// <summary>Work that several servers share.</summary>
public sealed class WorkConformance : RegistryConformance
{
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
}
