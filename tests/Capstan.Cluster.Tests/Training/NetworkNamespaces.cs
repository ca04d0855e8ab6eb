using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Capstan.Cluster.Tests;

/// <summary>
/// Machines by name only: network namespaces, each with an address and a loopback of its own, on one bridge, which this process can talk to as well.
/// A machine can be cut off, and joined again.
/// </summary>
sealed class NetworkNamespaces : IDisposable
{
    readonly string _name = $"cps{Environment.ProcessId % 100_000:D5}";
    readonly int _net = 10 + Environment.ProcessId % 200;
    readonly List<string> _machines = [];
    readonly List<TcpListener> _doors = [];

    public NetworkNamespaces(int machines)
    {
        Assert.SkipUnless(
            Environment.IsPrivilegedProcess && (File.Exists("/usr/sbin/ip") || File.Exists("/sbin/ip")),
            "needs root and ip (Debian: apt-get install iproute2), which ./test sees to where it may");
        Ip($"link add {_name} type bridge");
        Ip($"addr add {Bridge}/24 dev {_name}");
        Ip($"link set {_name} up");
        for (var index = 0; index < machines; index++)
        {
            var machine = $"{_name}n{index}";
            _machines.Add(machine);
            Ip($"netns add {machine}");
            Ip($"link add {machine} type veth peer name eth0 netns {machine}");
            Ip($"link set {machine} master {_name} up");
            Ip($"-n {machine} addr add {AddressOf(index)}/24 dev eth0");
            Ip($"-n {machine} link set eth0 up");
            Ip($"-n {machine} link set lo up");
        }
    }

    /// <summary>This process's own address on the bridge.</summary>
    public string Bridge => $"10.213.{_net}.1";

    public string AddressOf(int machine) => $"10.213.{_net}.{11 + machine}";

    /// <summary>What a command is put behind to run on a machine.</summary>
    public string On(int machine) => $"ip netns exec {_machines[machine]}";

    public void Cut(int machine) => Ip($"link set {_machines[machine]} down");

    public void Join(int machine) => Ip($"link set {_machines[machine]} up");

    /// <summary>Makes a server that listens on a socket in the file system reachable from all machines, and from no machine that is cut off.</summary>
    /// <returns>The port on <see cref="Bridge"/>.</returns>
    public int Open(string socket)
    {
        var door = new TcpListener(IPAddress.Parse(Bridge), 0);
        door.Start();
        _doors.Add(door);
        _ = ServeAsync(door, socket);
        return ((IPEndPoint)door.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        _doors.ForEach(door => door.Stop());
        foreach (var machine in _machines)
        {
            Ip($"netns del {machine}");
        }

        Ip($"link del {_name}");
    }

    static async Task ServeAsync(TcpListener door, string socket)
    {
        try
        {
            while (true)
            {
                _ = PassAsync(await door.AcceptSocketAsync(), socket);
            }
        }
        catch (SocketException)
        {
            // The door is closed.
        }
    }

    static async Task PassAsync(Socket guest, string socket)
    {
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await server.ConnectAsync(new UnixDomainSocketEndPoint(socket));
            await using var inside = new NetworkStream(server);
            await using var outside = new NetworkStream(guest, ownsSocket: true);
            await Task.WhenAny(inside.CopyToAsync(outside), outside.CopyToAsync(inside));
        }
        catch (Exception end) when (end is IOException or SocketException)
        {
            // One of them has gone, and the other goes with it.
        }
    }

    static void Ip(string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!; // no shell is used
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"ip {arguments}: {said}");
    }
}
