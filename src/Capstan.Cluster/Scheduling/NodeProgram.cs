using System.Collections.Immutable;

namespace Capstan.Cluster;

/// <summary>How a pool is told to start a node of a cluster.</summary>
static class NodeProgram
{
    public static MachineRequest Request(NodeOptions options, string name, NodeRoles role, JobDefinition job)
    {
        ImmutableArray<string> command =
        [
            .. options.Self, "node", "--leased", "--name", name, "--cluster", options.Cluster,
            "--roles", role == NodeRoles.Worker ? "worker" : "parameter-server", "--toward", options.Address.ToString(),
            .. options.LeasedWords,
        ];
        // The database's address may hold a password, which a command line would show to all.
        var variables = ImmutableDictionary<string, string>.Empty
            .Add(JoinToken.Variable, options.Token.Text).Add(NodeOptions.DatabaseVariable, options.Database.Address);
        if (options.Certificate is { } certificate)
        {
            variables = variables.Add(NodeCertificate.Variable, certificate.Text());
        }

        return new MachineRequest($"capstan-{name}", command, variables, job.Folder, Path.Combine(job.Folder, $"{name}.log")) { Needs = job.Needs };
    }
}
