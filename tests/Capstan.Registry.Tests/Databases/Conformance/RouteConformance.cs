namespace Capstan.Registry.Tests.Databases;

/// <summary>What front doors tell each other.</summary>
public sealed class RouteConformance : RegistryConformance
{
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
}
