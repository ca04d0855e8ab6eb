using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Capstan.Cluster;

namespace Capstan.Cli;

/// <summary>Where machines come from, and what each has to have: the same options on every command that uses several.</summary>
sealed class PoolOptions
{
    readonly Option<string> _pool = new("--pool")
    {
        Description = $"Where the machines come from: {MachinePools.Words}.", HelpName = "POOL", DefaultValueFactory = _ => "local",
    };

    readonly Option<int> _processors = new("--processors")
    {
        Description = "Processors for each member.", HelpName = "N", DefaultValueFactory = _ => 1,
    };

    readonly Option<int> _memory = new("--memory") { Description = "Memory for each member, in MiB; what the pool gives without it.", HelpName = "MIB" };
    readonly Option<string?> _address = new("--address")
    {
        Description = "This machine's address, as the others reach it; found without it.", HelpName = "ADDRESS",
    };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _pool, _processors, _memory, _address })
        {
            command.Options.Add(option);
        }
    }

    public bool IsGiven(ParseResult line) => line.GetResult(_pool) is { Implicit: false };

    public IMachinePool Of(ParseResult line)
    {
        try
        {
            return MachinePools.Parse(line.GetRequiredValue(_pool), ClusterPlace.Leases);
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException(wrong.Message);
        }
    }

    public Resources NeedsOf(ParseResult line) => (line.GetValue(_processors), line.GetValue(_memory)) switch
    {
        ( < 1, _) => throw new UsageException($"--processors was given {line.GetValue(_processors)}, expected at least 1."),
        (_, < 0) => throw new UsageException($"--memory was given {line.GetValue(_memory)}, expected MiB."),
        var (processors, mebibytes) => new Resources(processors, (long)mebibytes << 20),
    };

    public IPAddress AddressOf(ParseResult line, IMachinePool pool) => AddressOf(line.GetValue(_address), pool, _address.Name);

    /// <summary>Loopback where no other machine takes part.</summary>
    /// <param name="given">What a person said; null: nothing.</param>
    /// <param name="option">By which option.</param>
    public static IPAddress AddressOf(string? given, IMachinePool pool, string option) => given switch
    {
        { } text => IPAddress.TryParse(text, out var address)
            ? address
            : throw new UsageException($"{option} was given '{text}', expected an address such as 192.168.1.20."),
        null when !pool.IsRemote => IPAddress.Loopback,
        null => OwnAddresses().FirstOrDefault() ?? throw new UsageException(
            $"this machine has no address that others can reach; give one by {option}."),
    };

    static IEnumerable<IPAddress> OwnAddresses() =>
        from network in NetworkInterface.GetAllNetworkInterfaces()
        where network.OperationalStatus == OperationalStatus.Up && network.NetworkInterfaceType != NetworkInterfaceType.Loopback
        from own in network.GetIPProperties().UnicastAddresses
        where own.Address.AddressFamily == AddressFamily.InterNetwork
        select own.Address;
}
