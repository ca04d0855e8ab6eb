using System.CommandLine;
using System.Net;
using Capstan.Cluster;
using Capstan.Gateway;

namespace Capstan.Cli;

/// <summary>By which program replicas run, and on which machines.</summary>
sealed class ReplicaOption
{
    readonly Option<string?> _replica = new("--replica")
    {
        Description = "The native replica program; without it replicas are 'capstan replica'.", HelpName = "PROGRAM",
    };

    readonly Option<string?> _pool = new("--replica-pool")
    {
        Description = $"Where replicas get machines: {MachinePools.Words}; processes of this machine without it.", HelpName = "POOL",
    };

    readonly Option<string?> _address = new("--replica-address")
    {
        Description = "This machine's address, as the pool's machines reach it.", HelpName = "ADDRESS",
    };

    readonly Option<int> _processors = new("--replica-processors")
    {
        Description = "Processors of the pool for each replica.", HelpName = "N", DefaultValueFactory = _ => 1,
    };

    readonly Option<int> _memory = new("--replica-memory")
    {
        Description = "Memory of the pool for each replica, in MiB; what the pool gives without it.", HelpName = "MIB",
    };

    readonly ForeignOption _foreign = new();

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _replica, _pool, _address, _processors, _memory })
        {
            command.Options.Add(option);
        }

        _foreign.AddTo(command);
    }

    /// <summary>What imported models may take, wherever they run.</summary>
    public ForeignLimits ForeignOf(ParseResult line) => _foreign.Of(line);

    /// <summary>Where replicas run. From now on, this process, too, runs imported models in processes of their own: it verifies them.</summary>
    /// <returns>To be disposed of where it can be, after all its replicas.</returns>
    public IReplicaHost HostOf(ParseResult line)
    {
        _foreign.Of(line).Enable();
        var native = line.GetValue(_replica);
        var pool = line.GetValue(_pool) is { } text ? PoolOf(text) : null;
        var program = native is null
            ? new ReplicaProgram(
                DotNet(), [Path.Combine(AppContext.BaseDirectory, "Capstan.Cli.dll"), "replica", .. _foreign.Of(line).Words, .. pool is null ? ["--port", "0"] : Array.Empty<string>()])
            : new ReplicaProgram(pool is null ? native : Path.GetFullPath(native), _foreign.NativeArgumentsOf(line));
        return pool is null
            ? new LocalReplicaHost(program)
            : new PoolReplicaHost(pool, new PoolReplicaOptions(program, AddressOf(line, pool), ClusterPlace.Replicas) { Needs = NeedsOf(line) });
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

    IPAddress AddressOf(ParseResult line, IMachinePool pool) => line.GetValue(_address) switch
    {
        { } text => IPAddress.TryParse(text, out var address)
            ? address
            : throw new UsageException($"--replica-address was given '{text}', expected an address such as 192.168.1.20."),
        null when pool.IsRemote => throw new UsageException(
            $"the replicas on machines of '{pool.Name}' connect to this one; name its address, as they reach it, by --replica-address."),
        null => IPAddress.Loopback,
    };

    Resources NeedsOf(ParseResult line) => (line.GetValue(_processors), line.GetValue(_memory)) switch
    {
        ( < 1, _) => throw new UsageException($"--replica-processors was given {line.GetValue(_processors)}, expected at least 1."),
        (_, < 0) => throw new UsageException($"--replica-memory was given {line.GetValue(_memory)}, expected MiB."),
        var (processors, mebibytes) => new Resources(processors, (long)mebibytes << 20),
    };

    /// <summary>The program that runs this one, where there is one; otherwise the one on the path.</summary>
    static string DotNet() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet"; // Not null: it has a name.
}
