namespace Capstan.Registry;

/// <summary>A line that a job wrote.</summary>
/// <param name="Severity">INFO, WARNING or ERROR.</param>
/// <param name="Replica">Which part of the job: <c>master-replica-0</c>.</param>
public sealed record LogLine(DateTimeOffset At, string Severity, string Replica, string Text)
{
    /// <summary>The order in which lines were kept.</summary>
    public long Sequence { get; init; }
}

/// <summary>What jobs wrote, kept in order.</summary>
public readonly struct LogTable
{
    readonly RegistrySession _session;

    internal LogTable(RegistrySession session) => _session = session;

    public async Task AppendAsync(string source, IEnumerable<LogLine> lines, CancellationToken cancellationToken)
    {
        foreach (var line in lines)
        {
            await _session.ExecuteAsync(
                "insert into log_lines (source, project, logged_at, severity, replica, line) values (@source, @project, @at, " +
                    "@severity, @replica, @line)",
                cancellationToken, ("@source", source), ("@project", Resource.ProjectOf(source)),
                ("@at", line.At.ToUnixTimeMilliseconds()),
                ("@severity", line.Severity), ("@replica", line.Replica), ("@line", line.Text));
        }
    }

    /// <summary>How many lines of a source are kept, which is where its next one goes on.</summary>
    public Task<long> CountAsync(string source, CancellationToken cancellationToken) =>
        _session.CountAsync("select count(*) from log_lines where source = @source", cancellationToken, ("@source", source));

    public Task<List<LogLine>> ReadAsync(string source, long after, int limit, CancellationToken cancellationToken) =>
        _session.QueryAsync(
        $"select sequence, logged_at, severity, replica, line from log_lines where source = @source and sequence > @after " +
            $"order by sequence limit {limit}",
        row => new LogLine(
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)), row.GetString(2), row.GetString(3), row.GetString(4))
        {
            Sequence = row.GetInt64(0),
        },
        cancellationToken, ("@source", source), ("@after", after));

    public Task DeleteAsync(string source, CancellationToken cancellationToken) =>
        _session.ExecuteAsync("delete from log_lines where source = @source", cancellationToken, ("@source", source));
}
