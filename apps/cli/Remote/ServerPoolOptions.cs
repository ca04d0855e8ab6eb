using System.CommandLine;
using System.Net;
using Capstan.Cluster;
using Capstan.Service;

namespace Capstan.Cli;

/// <summary>Where a server's jobs get machines from, beside the server's own.</summary>
sealed class ServerPoolOptions
{
    readonly Option<string?> _pool = new("--pool")
    {
        Description = $"Where jobs with workers and parameter servers get machines: {MachinePools.Words}. Without it they are " +
            "one process.",
        HelpName = "POOL",
    };

    readonly Option<string?> _database = new("--pool-database")
    {
        Description = "postgresql://…, which the pool's machines can reach, too; a file in the job's folder without it.",
        HelpName = "URL",
    };

    readonly Option<string?> _address = new("--pool-address")
    {
        Description = "This machine's address, as the pool's machines reach it; found without it.", HelpName = "ADDRESS",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_pool);
        command.Options.Add(_database);
        command.Options.Add(_address);
    }

    /// <param name="foreign">What imported models may take in the jobs' processes.</param>
    public IJobRunner RunnerOf(ParseResult line, ForeignLimits foreign)
    {
        string[] program = [.. ServerOptions.JobProgramLine, .. foreign.Words];
        var variables = TelemetryOption.VariablesOfChildren();
        if (line.GetValue(_pool) is not { } text)
        {
            return new LocalJobRunner(program, Environment.MachineName, variables);
        }

        var (pool, database) = (PoolOf(text), line.GetValue(_database));
        var address = PoolOptions.AddressOf(line.GetValue(_address), pool, "--pool-address");
        if (database is null && !IPAddress.IsLoopback(address))
        {
            throw new UsageException(
                $"--pool was given '{text}', whose machines can't read a file of this one; name a --pool-database, " +
                "postgresql://….");
        }

        if (database is not null)
        {
            variables[NodeOptions.DatabaseVariable] = ClusterDatabase.Parse(database).Address;
        }

        return new LocalJobRunner([.. program, .. JobMachines.Words(pool, address)], Environment.MachineName, variables);
    }

    static IMachinePool PoolOf(string text)
    {
        try
        {
            return MachinePools.Parse(text, ClusterPlace.Leases);
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException(wrong.Message);
        }
    }
}
