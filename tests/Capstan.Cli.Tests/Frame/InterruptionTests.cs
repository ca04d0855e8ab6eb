using System.Runtime.InteropServices;

namespace Capstan.Cli.Tests.Frame;

public sealed class InterruptionTests
{
    [Fact]
    public void The_first_interruption_cancels_and_the_second_is_left_to_the_system()
    {
        var terminal = new CapturedTerminal();
        using var interruption = new Interruption(terminal.Terminal);
        var first = new PosixSignalContext(PosixSignal.SIGINT);
        interruption.Handle(first);
        Assert.True(first.Cancel);
        Assert.True(interruption.Token.IsCancellationRequested);
        Assert.Contains("again", terminal.Error);

        var second = new PosixSignalContext(PosixSignal.SIGINT);
        interruption.Handle(second);
        Assert.False(second.Cancel);
    }
}
