using System.Diagnostics;
using Capstan.Serving;

namespace Capstan.Gateway;

/// <summary>A program that is a replica.</summary>
/// <param name="Program">The program's file, or <c>dotnet</c>.</param>
/// <param name="Arguments">What comes before a replica's own arguments: the assembly, where the program is <c>dotnet</c>.</param>
public sealed record ReplicaProgram(string Program, params IReadOnlyList<string> Arguments);

/// <summary>Runs replicas as processes of this machine, each on a free port of the loopback address.</summary>
/// <param name="program">The native replica, for example.</param>
public sealed class LocalReplicaHost(ReplicaProgram program) : IReplicaHost
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public async Task<IReplica> StartAsync(ReplicaStart start, CancellationToken cancellationToken)
    {
        // Its standard input is ours: when we end, however that comes, so does the replica.
        var settings = new ProcessStartInfo(program.Program, [.. program.Arguments, "--attached"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        ChildEnvironment.Reduce(settings.Environment);
        settings.Environment[ReplicaStart.TokenVariable] = start.Token;
        Process process;
        try
        {
            process = Process.Start(settings)!; // Without a shell, a process is started or this throws.
        }
        catch (System.ComponentModel.Win32Exception cause)
        {
            throw new ReplicaStartException($"'{program.Program}' can't be run: {cause.Message}", cause);
        }

        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            if (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line && Uri.TryCreate(line, UriKind.Absolute, out var address))
            {
                return new LocalReplica(process, address);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await StopAsync(process);
            throw new ReplicaStartException($"it did not say where it listens within {Patience.TotalSeconds:0} s.");
        }
        catch (OperationCanceledException)
        {
            await StopAsync(process);
            throw;
        }

        await process.WaitForExitAsync(CancellationToken.None);
        throw new ReplicaStartException($"it ended with {process.ExitCode}: {(await errors).Trim()}");
    }

    static async Task StopAsync(Process process)
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }

    sealed class LocalReplica : IReplica
    {
        static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

        readonly Process _process;

        public LocalReplica(Process process, Uri address)
        {
            (_process, Address) = (process, address);
            Exited = process.WaitForExitAsync(CancellationToken.None);
        }

        public Uri Address { get; }

        public bool SharesFolders => true;

        public Task Exited { get; }

        public TimeSpan? ProcessorTime => ProcessTree.ProcessorTimeOf(_process);

        public async ValueTask DisposeAsync()
        {
            try
            {
                _process.StandardInput.Close();
                await Exited.WaitAsync(Grace);
            }
            catch (TimeoutException)
            {
                _process.Kill(entireProcessTree: true);
                await Exited;
            }
            catch (IOException)
            {
                await Exited; // Its input is gone because it is.
            }

            _process.Dispose();
        }
    }
}
