using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Gateway;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>
/// Keeps outcomes in the registry's database. Servers ask each other there whose answer an outcome belongs to, and tell there how
/// many requests each version has answered. Thread-safe.
/// </summary>
sealed class RegistryExperiments(Engine engine) : IExperimentStore
{
    // Others look for questions four times a second, and one of them may be busy.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    // A server that is idle says so seldom, since every word is a write to the disk; who says nothing for longer is gone.
    static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(1);
    static readonly TimeSpan TellAtLeastEvery = TimeSpan.FromSeconds(10);
    static readonly TimeSpan GoneAfter = TimeSpan.FromSeconds(60);

    string _told = "";
    DateTimeOffset _toldAt;

    public Task AddAsync(string model, JoinedOutcome outcome, CancellationToken cancellationToken) => engine.Database.WriteAsync(
        session => session.Outcomes.AddAsync(model, outcome.ToJson(), cancellationToken), cancellationToken);

    public async Task<IReadOnlyList<(long Position, JoinedOutcome Outcome)>> ReadAsync(
        string model, long after, CancellationToken cancellationToken)
    {
        var rows = await engine.Database.ReadAsync(session => session.Outcomes.ReadAsync(model, after, cancellationToken), cancellationToken);
        return [.. rows.Select(row => (row.Sequence, JoinedOutcome.FromJson(row.Body)!))]; // as it was written
    }

    public async Task<OutcomeVerdict?> AskAsync(OutcomeQuestion question, CancellationToken cancellationToken)
    {
        if ((await OtherDoorsAsync(cancellationToken)).Count == 0)
        {
            return null;
        }

        var id = $"{Guid.NewGuid():N}";
        await engine.Database.WriteAsync(
            session => session.Questions.AskAsync(id, engine.Holder, question.Model, question.ToJson(), engine.Now, cancellationToken),
            cancellationToken);
        var asked = engine.Time.GetTimestamp();
        while (true)
        {
            if (await AnswerAsync(id, cancellationToken) is { } answer)
            {
                return answer;
            }

            if (engine.Time.GetElapsedTime(asked) > Patience && await engine.Database.WriteAsync(
                session => session.Questions.TryWithdrawAsync(id, cancellationToken), cancellationToken))
            {
                return null;
            }

            await Task.Delay(LookEvery, engine.Time, cancellationToken);
        }
    }

    public async Task AnswerAsync(Func<OutcomeQuestion, FoundAnswer?> find, CancellationToken cancellationToken)
    {
        var open = await engine.Database.ReadAsync(session => session.Questions.OpenAsync(engine.Holder, cancellationToken), cancellationToken);
        foreach (var asked in open)
        {
            var question = OutcomeQuestion.FromJson(asked.Body)!; // as it was written
            if (find(question) is not { } found)
            {
                continue;
            }

            var isKept = false;
            try
            {
                isKept = await engine.Database.WriteAsync(
                    session => TryKeepAsync(session, asked, found, cancellationToken), cancellationToken);
            }
            finally
            {
                if (!isKept)
                {
                    found.GiveBack();
                }
            }
        }
    }

    public async Task TellAsync(IReadOnlyList<ExposureCount> own, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.Serialize(own);
        var since = engine.Now - _toldAt;
        if (since < (body == _told ? TellAtLeastEvery : TellEvery))
        {
            return;
        }

        await engine.Database.WriteAsync(
            session => session.FrontDoors.TellAsync(new FrontDoor(engine.Holder, engine.Now, body), cancellationToken), cancellationToken);
        (_told, _toldAt) = (body, engine.Now);
    }

    public async Task<IReadOnlyList<ExposureCount>> OthersAsync(string model, CancellationToken cancellationToken) =>
        [.. (await OtherDoorsAsync(cancellationToken)).SelectMany(door => JsonSerializer.Deserialize<ExposureCount[]>(door.Body)!) // as written
            .Where(count => count.Model == model)];

    /// <summary>The answer and the outcome together, or neither.</summary>
    static async Task<bool> TryKeepAsync(RegistrySession session, ServerQuestion asked, FoundAnswer found, CancellationToken cancellationToken)
    {
        var verdict = new JsonObject { ["version"] = found.Outcome.Version, ["isFirst"] = found.IsFirst };
        if (!await session.Questions.TryAnswerAsync(asked.Sequence, verdict.ToJsonString(), cancellationToken))
        {
            return false;
        }

        if (found.IsFirst)
        {
            await session.Outcomes.AddAsync(asked.Subject, found.Outcome.ToJson(), cancellationToken);
        }

        return true;
    }

    async Task<OutcomeVerdict?> AnswerAsync(string id, CancellationToken cancellationToken)
    {
        if (await engine.Database.ReadAsync(session => session.Questions.AnswerAsync(id, cancellationToken), cancellationToken) is not { } answer)
        {
            return null;
        }

        await engine.Database.WriteAsync(
            session => session.Questions.ForgetAsync(id, engine.Now - GoneAfter, cancellationToken), cancellationToken);
        var verdict = JsonNode.Parse(answer)!; // as it was written
        return new OutcomeVerdict($"{verdict["version"]}", (bool)verdict["isFirst"]!);
    }

    async Task<List<FrontDoor>> OtherDoorsAsync(CancellationToken cancellationToken) =>
        [.. (await engine.Database.ReadAsync(session => session.FrontDoors.ListAsync(cancellationToken), cancellationToken))
            .Where(door => door.Holder != engine.Holder && door.SeenAt > engine.Now - GoneAfter)];
}
