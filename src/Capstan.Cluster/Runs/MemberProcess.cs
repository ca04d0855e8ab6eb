using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;

namespace Capstan.Cluster;

/// <summary>
/// The member's side of a run, on the machine that a pool gave: reports, starts the program when all have arrived, sends what it
/// writes, and ends it when the run says so or is gone.
/// </summary>
public static class MemberProcess
{
    // How often it is looked whether all output is read: a busy machine may take one of these times away, and not all of them.
    const int LooksForLeftovers = 4;

    // So many characters of a line make one message; the rest of a longer line follows as another.
    const int LongestLine = 16_384;

    static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Leftovers = TimeSpan.FromSeconds(0.5);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="host">Where the run listens, with <paramref name="port"/>.</param>
    /// <param name="member">Which member this is.</param>
    /// <returns>The program's exit code.</returns>
    /// <exception cref="PeerRefusedException">Nobody is there, or somebody without the token.</exception>
    public static async Task<int> RunAsync(string host, int port, JoinToken token, string member, CancellationToken cancellationToken)
    {
        await using var channel = await ConnectAsync(host, port, token, cancellationToken);
        var here = channel.Here.Address.IsIPv4MappedToIPv6 ? channel.Here.Address.MapToIPv4() : channel.Here.Address;
        var own = System.Net.IPAddress.IsLoopback(here) ? "localhost" : here.ToString();
        await channel.SendAsync(new MemberMessage.Arrived(member, $"{own}:{FreePort.At(here)}").Write(), cancellationToken);
        if (await channel.ReceiveAsync(cancellationToken) is not { } message || MemberMessage.Read(message.Span) is not MemberMessage.Start start)
        {
            // Called off before it began.
            return 1;
        }

        var ended = await RunAsync(start, channel, cancellationToken);
        try
        {
            await channel.SendAsync(ended.Write(), CancellationToken.None);
            // Hanging up at once could overtake what is still on its way; the run hangs up when it has heard.
            using var patience = new CancellationTokenSource(Patience);
            while (await channel.ReceiveAsync(patience.Token) is not null)
            {
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // Nobody is left to tell.
        }

        return ended.Code;
    }

    static async Task<SealedChannel> ConnectAsync(string host, int port, JoinToken token, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(host, port, cancellationToken);
        }
        catch (SocketException fault)
        {
            socket.Dispose();
            throw new PeerRefusedException($"{host}:{port}", $"can't be talked to ({fault.Message})");
        }

        return await SealedChannel.CallAsync(socket, token, cancellationToken)
            ?? throw new PeerRefusedException($"{host}:{port}", "did not prove that it holds the token");
    }

    static async Task<MemberMessage.Ended> RunAsync(MemberMessage.Start start, SealedChannel channel, CancellationToken cancellationToken)
    {
        var description = new ProcessStartInfo(start.Command[0], start.Command.Skip(1))
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = start.Folder,
        };
        foreach (var (name, value) in start.Variables)
        {
            description.Environment[name] = value;
        }

        // The program is the user's; the secret is not.
        description.Environment.Remove(JoinToken.Variable);
        Process program;
        try
        {
            program = Process.Start(description)!; // not null for a new process
        }
        catch (Win32Exception fault)
        {
            return new MemberMessage.Ended(127, $"'{start.Command[0]}' can't be started: {fault.Message}");
        }

        using (program)
        using (var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            program.StandardInput.Close();
            var output = CopyAsync(program.StandardOutput, false, channel);
            var error = CopyAsync(program.StandardError, true, channel);
            var orders = ObeyAsync(channel, program, over.Token);
            await ExitAsync(program);
            // What the program has left in the background may hold its output open for ever.
            var all = Task.WhenAll(output, error);
            for (var look = 0; look < LooksForLeftovers && !all.IsCompleted; look++)
            {
                await Task.WhenAny(all, Task.Delay(Leftovers, CancellationToken.None));
            }

            await over.CancelAsync();
            await orders;
            return new MemberMessage.Ended(program.ExitCode, null);
        }
    }

    // Process.WaitForExitAsync would wait for the end of its output as well.
    static async Task ExitAsync(Process program)
    {
        var exited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        program.EnableRaisingEvents = true;
        program.Exited += (_, _) => exited.TrySetResult();
        if (!program.HasExited)
        {
            await exited.Task;
        }
    }

    // Any word, and silence as well, means the end: the run says only Stop, and a run that is gone wants nothing any more.
    static async Task ObeyAsync(SealedChannel channel, Process program, CancellationToken over)
    {
        try
        {
            await channel.ReceiveAsync(over);
        }
        catch (OperationCanceledException) when (program.HasExited)
        {
            return;
        }
        catch (OperationCanceledException)
        {
            // This process was told to end: its program ends first.
        }

        Signals.SendToTree(program.Id, Signals.Terminate);
        using var grace = new CancellationTokenSource(Grace);
        try
        {
            await program.WaitForExitAsync(grace.Token);
        }
        catch (OperationCanceledException)
        {
            program.Kill(entireProcessTree: true);
        }
    }

    static async Task CopyAsync(StreamReader reader, bool isError, SealedChannel channel)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            foreach (var part in line.Length <= LongestLine ? [line] : line.Chunk(LongestLine).Select(piece => new string(piece)))
            {
                try
                {
                    await channel.SendAsync(new MemberMessage.Line(part, isError).Write(), CancellationToken.None);
                }
                catch (IOException)
                {
                    // The run is gone, and with it the reader of these lines; the program's pipe is drained until it ends.
                }
            }
        }
    }
}
