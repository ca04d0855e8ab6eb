using System.Runtime.InteropServices;

namespace Capstan.Cli;

/// <summary>
/// Ctrl-C (and SIGTERM): the first asks the command to stop and clean up, the second ends the process where it is.
/// </summary>
sealed class Interruption : IDisposable
{
    readonly CancellationTokenSource _source = new();
    readonly PosixSignalRegistration _interrupt;
    readonly PosixSignalRegistration _terminate;

    public Interruption(Terminal terminal)
    {
        Terminal = terminal;
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle);
    }

    public Terminal Terminal { get; }

    public CancellationToken Token => _source.Token;

    public void Handle(PosixSignalContext signal)
    {
        if (_source.IsCancellationRequested)
        {
            // Not handled: the runtime ends the process as the signal says.
            return;
        }

        signal.Cancel = true;
        Terminal.Error.WriteLine("Stopping; press Ctrl-C again to stop at once.");
        _source.Cancel();
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _source.Dispose();
    }
}
