using System.Collections.Immutable;

namespace Capstan.Cluster;

/// <summary>Who does what for one job.</summary>
/// <param name="Coordinator">A node's name.</param>
/// <param name="Workers">By the worker's index; null for a place that waits for a node.</param>
/// <param name="Servers">By the parameter server's index.</param>
sealed record Placement(string Coordinator, ImmutableArray<string?> Workers, ImmutableArray<string?> Servers)
{
    public IEnumerable<(string Node, JobPart Part, int Index)> Members()
    {
        foreach (var (nodes, part) in new[] { (Workers, JobPart.Worker), (Servers, JobPart.Server) })
        {
            for (var index = 0; index < nodes.Length; index++)
            {
                if (nodes[index] is { } node)
                {
                    yield return (node, part, index);
                }
            }
        }
    }
}

/// <summary>A node that lives, as the schedule sees it.</summary>
readonly record struct LiveNode(string Name, NodeRoles Roles, int Slots);

/// <summary>A node that a job lacks.</summary>
readonly record struct LackingNode(string Job, NodeRoles Role);

/// <summary>What is decided: who does what, which nodes are lacking, and why jobs wait that do.</summary>
sealed record Schedule(
    ImmutableDictionary<string, Placement> Placements, ImmutableArray<LackingNode> Lacking, ImmutableDictionary<string, string> Waiting)
{
    public static Schedule Empty { get; } = new(
        ImmutableDictionary<string, Placement>.Empty, [], ImmutableDictionary<string, string>.Empty);

    /// <summary>
    /// Shares nodes among jobs. What runs on a node that lives stays there. A job begins when all its members have a place, and one that waits
    /// is overtaken by none after it, so that large jobs get their turn. The places of dead nodes are filled first of all.
    /// </summary>
    /// <param name="jobs">Those that are not over, in the order in which they get nodes.</param>
    public Schedule Next(IReadOnlyList<JobDefinition> jobs, IReadOnlyCollection<LiveNode> nodes)
    {
        var free = nodes.ToDictionary(node => node.Name, node => node.Slots, StringComparer.Ordinal);
        var kept = ImmutableDictionary.CreateBuilder<string, Placement>(StringComparer.Ordinal);
        foreach (var job in jobs)
        {
            if (Placements.TryGetValue(job.Id, out var before))
            {
                kept[job.Id] = new Placement(
                    before.Coordinator, Keep(before.Workers, job.Workers, free), Keep(before.Servers, job.ParameterServers, free));
            }
        }

        var lacking = ImmutableArray.CreateBuilder<LackingNode>();
        var waiting = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var placements = ImmutableDictionary.CreateBuilder<string, Placement>(StringComparer.Ordinal);
        string? first = null;
        // Those that have begun come first, whatever their priority: half a job holds nodes and gets nowhere.
        foreach (var job in jobs.OrderByDescending(job => kept.ContainsKey(job.Id)))
        {
            var begun = kept.TryGetValue(job.Id, out var old);
            var placement = Fill(job, old ?? new Placement("", [.. new string?[job.Workers]], [.. new string?[job.ParameterServers]]), nodes, free);
            var missing = Missing(job, placement).ToArray();
            lacking.AddRange(missing);
            if ((begun || (missing.Length == 0 && first is null)) && CoordinatorOf(placement, nodes) is { } coordinator)
            {
                placements[job.Id] = placement with { Coordinator = coordinator };
                continue;
            }

            waiting[job.Id] = first is not null ? $"waits for '{first}', which is before it"
                : missing.Length > 0 ? Words(missing)
                : "waits for a node";
            first ??= job.Id;
            // What it has found is free for nobody after it until it has all.
        }

        return new Schedule(placements.ToImmutable(), lacking.ToImmutable(), waiting.ToImmutable());
    }

    static ImmutableArray<string?> Keep(ImmutableArray<string?> places, int length, Dictionary<string, int> free)
    {
        string?[] kept = [.. places.Concat(new string?[length]).Take(length)];
        for (var index = 0; index < kept.Length; index++)
        {
            if (kept[index] is { } node && free.TryGetValue(node, out var slots))
            {
                free[node] = slots - 1;
            }
            else
            {
                kept[index] = null;
            }
        }

        return [.. kept];
    }

    static Placement Fill(JobDefinition job, Placement placement, IReadOnlyCollection<LiveNode> nodes, Dictionary<string, int> free) =>
        placement with
        {
            Servers = Fill(placement.Servers, NodeRoles.ParameterServer, nodes, free),
            Workers = Fill(placement.Workers, NodeRoles.Worker, nodes, free),
        };

    // Nodes of the one role first: those of both may be needed for the other.
    static ImmutableArray<string?> Fill(
        ImmutableArray<string?> places, NodeRoles role, IReadOnlyCollection<LiveNode> nodes, Dictionary<string, int> free)
    {
        var filled = places.ToArray();
        foreach (var index in Enumerable.Range(0, filled.Length).Where(index => filled[index] is null))
        {
            var candidates = nodes.Where(node => node.Roles.HasFlag(role) && free[node.Name] > 0)
                .OrderBy(node => node.Roles == role ? 0 : 1).ThenByDescending(node => free[node.Name]).ThenBy(node => node.Name, StringComparer.Ordinal);
            foreach (var node in candidates.Take(1))
            {
                filled[index] = node.Name;
                free[node.Name]--;
            }
        }

        return [.. filled];
    }

    static IEnumerable<LackingNode> Missing(JobDefinition job, Placement placement) =>
        placement.Servers.Where(node => node is null).Select(_ => new LackingNode(job.Id, NodeRoles.ParameterServer))
            .Concat(placement.Workers.Where(node => node is null).Select(_ => new LackingNode(job.Id, NodeRoles.Worker)));

    // Where it was, while that node lives; else where least of the job is, so that one death takes little along, and rather beside a worker than
    // beside a shard: who leaves with a shard hands it over to whom the coordinator says.
    static string? CoordinatorOf(Placement placement, IReadOnlyCollection<LiveNode> nodes) =>
        nodes.Any(node => node.Name == placement.Coordinator) ? placement.Coordinator : nodes
            .OrderBy(node => placement.Members().Count(member => member.Node == node.Name))
            .ThenBy(node => placement.Servers.Count(server => server == node.Name)).ThenBy(node => node.Name, StringComparer.Ordinal)
            .Select(node => node.Name).FirstOrDefault();

    static string Words(LackingNode[] missing)
    {
        var (workers, servers) = (missing.Count(each => each.Role == NodeRoles.Worker), missing.Count(each => each.Role != NodeRoles.Worker));
        return "waits for " + string.Join(" and ", new[] { (workers, "worker"), (servers, "parameter server") }
            .Where(each => each.Item1 > 0).Select(each => $"{each.Item1} {each.Item2}{(each.Item1 == 1 ? "" : "s")}"));
    }
}
