using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Capstan.Parameters;

namespace Capstan.Benchmarks;

/// <summary>
/// A process at the other end of the loopback: a parameter server, and beside it a bare socket that copies the same bytes.
/// </summary>
static class ParameterMember
{
    public static readonly ChannelOptions Options = new("of the benchmark") { ReplyTimeout = TimeSpan.FromSeconds(60) };

    /// <summary>What the process does, until its standard input ends.</summary>
    public static int Run()
    {
        using var server = ParameterServer.Start(Options, IPAddress.Loopback, 0, TimeProvider.System);
        using var raw = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        raw.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        raw.Listen(1);
        new Thread(() => Copy(raw.Accept())) { IsBackground = true }.Start();
        Console.WriteLine($"{server.Address} {((IPEndPoint)raw.LocalEndPoint!).Port}"); // it is bound
        while (Console.In.ReadLine() is not null)
        {
            Console.WriteLine(Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds.ToString("R"));
        }

        return 0;
    }

    public static void ReceiveAll(Socket socket, Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var count = socket.Receive(bytes);
            if (count == 0)
            {
                return;
            }

            bytes = bytes[count..];
        }
    }

    // A request is what to do (0 takes in, 1 sends) and how many bytes.
    static void Copy(Socket socket)
    {
        socket.NoDelay = true;
        var values = GC.AllocateArray<float>(1 << 22, pinned: true);
        Span<byte> head = stackalloc byte[8];
        while (true)
        {
            head.Clear();
            ReceiveAll(socket, head);
            var (operation, length) = (MemoryMarshal.Read<int>(head), MemoryMarshal.Read<int>(head[4..]));
            if (length == 0)
            {
                return;
            }

            var bytes = MemoryMarshal.AsBytes(values.AsSpan())[..length];
            if (operation == 0)
            {
                ReceiveAll(socket, bytes);
                socket.Send(head);
            }
            else
            {
                socket.Send(bytes);
            }
        }
    }
}

/// <summary>The other process, from here.</summary>
sealed class ParameterPeer : IDisposable
{
    readonly Process _process;
    readonly float[] _values = GC.AllocateArray<float>(1 << 22, pinned: true);

    public ParameterPeer()
    {
        _process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [typeof(ParameterPeer).Assembly.Location, "parameters-member"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!; // no shell is used
        var line = _process.StandardOutput.ReadLine()!.Split(' '); // it says where it is
        Address = ServerAddress.Parse(line[0]);
        Raw = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Raw.Connect(IPAddress.Loopback, int.Parse(line[1]));
    }

    public ServerAddress Address { get; }

    public Socket Raw { get; }

    /// <summary>Of the other process, in seconds.</summary>
    public double CpuSeconds()
    {
        _process.StandardInput.WriteLine();
        return double.Parse(_process.StandardOutput.ReadLine()!); // it answers every line
    }

    /// <summary>Sends bytes, which the other end takes into an array and acknowledges.</summary>
    public void RawPush(int length)
    {
        Span<byte> head = stackalloc byte[8];
        MemoryMarshal.Write(head[4..], length);
        Raw.Send(head);
        Raw.Send(MemoryMarshal.AsBytes(_values.AsSpan())[..length]);
        ParameterMember.ReceiveAll(Raw, head);
    }

    public void RawPull(int length)
    {
        Span<byte> head = stackalloc byte[8];
        MemoryMarshal.Write(head, 1);
        MemoryMarshal.Write(head[4..], length);
        Raw.Send(head);
        ParameterMember.ReceiveAll(Raw, MemoryMarshal.AsBytes(_values.AsSpan())[..length]);
    }

    /// <summary>Ends the other process as a power cut would.</summary>
    public void Kill() => _process.Kill();

    public void Dispose()
    {
        Raw.Dispose();
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
