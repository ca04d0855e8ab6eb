namespace Capstan.Registry;

/// <summary>Something that a server asks all others of its database.</summary>
/// <param name="Asker">The server that asks.</param>
public sealed record ServerQuestion(long Sequence, string Asker, string Subject, string Body);

/// <summary>
/// What servers ask each other: the first that knows an answer gives it, and whoever asked takes the question away again.
/// </summary>
public readonly struct QuestionTable
{
    readonly RegistrySession _session;

    internal QuestionTable(RegistrySession session) => _session = session;

    /// <param name="id">Chosen by the asker, never twice.</param>
    public Task AskAsync(string id, string asker, string subject, string body, DateTimeOffset now, CancellationToken cancellationToken) =>
        _session.ExecuteAsync(
            "insert into questions (id, asker, subject, body, asked_at) values (@id, @asker, @subject, @body, @at)", cancellationToken,
            ("@id", id), ("@asker", asker), ("@subject", subject), ("@body", body), ("@at", now.ToUnixTimeMilliseconds()));

    /// <summary>Those of others that have no answer.</summary>
    public Task<List<ServerQuestion>> OpenAsync(string self, CancellationToken cancellationToken) => _session.QueryAsync(
        "select sequence, asker, subject, body from questions where answer is null and asker <> @self order by sequence",
        row => new ServerQuestion(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3)), cancellationToken,
        ("@self", self));

    /// <returns>False: another has answered, or the asker has gone.</returns>
    public async Task<bool> TryAnswerAsync(long sequence, string answer, CancellationToken cancellationToken) =>
        await _session.ExecuteAsync(
            "update questions set answer = @answer where sequence = @sequence and answer is null", cancellationToken,
            ("@answer", answer), ("@sequence", sequence)) == 1;

    /// <returns>Null: there is none yet.</returns>
    public async Task<string?> AnswerAsync(string id, CancellationToken cancellationToken) =>
        (await _session.QueryAsync(
            "select answer from questions where id = @id", row => row.IsDBNull(0) ? null : row.GetString(0), cancellationToken,
            ("@id", id))).SingleOrDefault();

    /// <summary>Takes a question back.</summary>
    /// <returns>False: it has been answered; it stays, to be read.</returns>
    public async Task<bool> TryWithdrawAsync(string id, CancellationToken cancellationToken) => await _session.ExecuteAsync(
        "delete from questions where id = @id and answer is null", cancellationToken, ("@id", id)) == 1;

    /// <summary>Takes away a question that was answered, and all that are older than anybody waits for.</summary>
    public Task ForgetAsync(string id, DateTimeOffset askedBefore, CancellationToken cancellationToken) => _session.ExecuteAsync(
        "delete from questions where id = @id or asked_at < @before", cancellationToken,
        ("@id", id), ("@before", askedBefore.ToUnixTimeMilliseconds()));
}
