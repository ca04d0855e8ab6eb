namespace Capstan.Registry;

/// <summary>One step of where something comes from: <c>version —served from→ artifact</c>.</summary>
/// <param name="Origin">What comes from somewhere.</param>
/// <param name="Relation">How, read from origin to target: <c>copied-to</c>, <c>trained-by</c>, <c>trained-on</c>,
/// <c>continues</c>, …</param>
/// <param name="Target">Where it comes from: a resource's name, <c>artifact:HASH</c>, <c>data:FINGERPRINT</c>,
/// <c>pipeline:HASH</c>, …</param>
public readonly record struct LineageEdge(string Origin, string Relation, string Target);

/// <summary>
/// Where everything comes from, as a graph. Edges outlive what they speak of: a deleted job still trained its model.
/// </summary>
public readonly struct LineageTable
{
    readonly RegistrySession _session;

    internal LineageTable(RegistrySession session) => _session = session;

    public async Task AddAsync(IEnumerable<LineageEdge> edges, CancellationToken cancellationToken)
    {
        foreach (var edge in edges)
        {
            await _session.ExecuteAsync(
                "insert into lineage (origin, relation, target) values (@origin, @relation, @target) on conflict do nothing",
                cancellationToken, ("@origin", edge.Origin), ("@relation", edge.Relation), ("@target", edge.Target));
        }
    }

    /// <summary>Every edge that can be reached from something, nearest first, each once.</summary>
    public async Task<List<LineageEdge>> FromAsync(string start, CancellationToken cancellationToken)
    {
        var edges = new List<LineageEdge>();
        var seen = new HashSet<string>(StringComparer.Ordinal) { start };
        var open = new Queue<string>([start]);
        while (open.TryDequeue(out var origin))
        {
            foreach (var edge in await EdgesAsync("origin", origin, cancellationToken))
            {
                edges.Add(edge);
                if (seen.Add(edge.Target))
                {
                    open.Enqueue(edge.Target);
                }
            }
        }

        return edges;
    }

    /// <summary>What comes directly from something: the versions of an artifact, the models of a data set.</summary>
    public Task<List<LineageEdge>> ToAsync(string target, CancellationToken cancellationToken) =>
        EdgesAsync("target", target, cancellationToken);

    Task<List<LineageEdge>> EdgesAsync(string column, string value, CancellationToken cancellationToken) => _session.QueryAsync(
        $"select origin, relation, target from lineage where {column} = @value order by origin, relation, target",
        row => new LineageEdge(row.GetString(0), row.GetString(1), row.GetString(2)), cancellationToken, ("@value", value));
}
