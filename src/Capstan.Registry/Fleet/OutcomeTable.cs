namespace Capstan.Registry;

/// <summary>What came of predictions, joined with them, in one order for all servers.</summary>
public readonly struct OutcomeTable
{
    readonly RegistrySession _session;

    internal OutcomeTable(RegistrySession session) => _session = session;

    /// <param name="model">One that has a route.</param>
    public async Task AddAsync(string model, string body, CancellationToken cancellationToken)
    {
        // Writers of a model take turns, or a reader could see a later number first and miss the earlier one for ever.
        await _session.QueryAsync(
            $"select model from routes where model = @model{_session.Database.ForUpdate}", row => row.GetString(0), cancellationToken,
            ("@model", model));
        await _session.ExecuteAsync(
            "insert into outcomes (model, body) values (@model, @body)", cancellationToken, ("@model", model), ("@body", body));
    }

    /// <param name="after">The sequence number of the last one known; 0 for all.</param>
    public Task<List<(long Sequence, string Body)>> ReadAsync(string model, long after, CancellationToken cancellationToken) =>
        _session.QueryAsync(
            "select sequence, body from outcomes where model = @model and sequence > @after order by sequence",
            row => (row.GetInt64(0), row.GetString(1)), cancellationToken, ("@model", model), ("@after", after));
}
