using System.CommandLine;
using Capstan.Cluster;

namespace Capstan.Cli;

/// <summary>Which cluster does a job, where it gets machines from, and when it begins: the same options on every command that submits one.</summary>
sealed class JobOptions
{
    readonly Option<int> _priority = new("--priority") { Description = "Jobs of a higher one begin first.", HelpName = "N" };
    readonly Option<bool> _detach = new("--detach") { Description = "Submit the job and don't wait for it; see 'capstan cluster'." };
    readonly PoolOptions _pool = new();
    readonly ClusterOptions _cluster = new();

    public void AddTo(Command command)
    {
        command.Options.Add(_priority);
        command.Options.Add(_detach);
        _cluster.AddTo(command);
        _pool.AddTo(command);
    }

    public bool IsDetached(ParseResult line) => line.GetValue(_detach);

    /// <summary>A job of so many members, with all but its work.</summary>
    public JobDefinition JobOf(ParseResult line, string id, string kind, string work, (int Workers, int Servers) counts) =>
        new(id, kind, work, Path.Combine(ClusterPlace.Jobs, id))
        {
            Workers = counts.Workers,
            ParameterServers = counts.Servers,
            Priority = line.GetValue(_priority),
            // A cluster that was named has nodes of its own; others come only where somebody says from where.
            Pool = _cluster.IsNamed(line) && !_pool.IsGiven(line) ? null : _pool.Of(line).Name,
            Needs = _pool.NeedsOf(line),
        };

    /// <summary>The cluster that shall do it.</summary>
    public Task<NodeOptions> ClusterOf(ParseResult line, CancellationToken cancellationToken) =>
        _cluster.OptionsAsync(line, _pool.AddressOf(line, _pool.Of(line)), cancellationToken);
}
