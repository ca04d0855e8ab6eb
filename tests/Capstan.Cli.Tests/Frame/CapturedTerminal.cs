namespace Capstan.Cli.Tests.Frame;

/// <summary>A terminal that remembers what was written, with a clock that the test moves.</summary>
sealed class CapturedTerminal
{
    readonly StringWriter _output = new() { NewLine = "\n" };
    readonly StringWriter _error = new() { NewLine = "\n" };

    public CapturedTerminal(bool showDetails = false) =>
        Terminal = new Terminal(_output, _error, OutputIsScreen: false, ErrorIsScreen: false, showDetails, Clock);

    public ManualClock Clock { get; } = new();

    public Terminal Terminal { get; }

    public string Output => _output.ToString();

    public string Error => _error.ToString();

    public Task<int> RunAsync(params string[] words) => CommandLine.RunAsync(CommandLine.Commands, words, Terminal, CancellationToken.None);
}

sealed class ManualClock : TimeProvider
{
    long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public void Advance(TimeSpan time) => _now += time.Ticks;
}
