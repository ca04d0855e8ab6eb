using System.CommandLine;
using System.Net;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Serving;
using Capstan.Training;

namespace Capstan.Cli.Tests.Frame;

public sealed class ErrorEdgeTests
{
    sealed class Attempt(Func<CancellationToken, Task<int>> work) : CapstanCommand("attempt", "Does what the test wants.", new Example("capstan attempt", "try"))
    {
        protected override Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken) => work(cancellationToken);
    }

    static Task<int> RunAsync(CapturedTerminal terminal, Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken) =>
        CommandLine.RunAsync([new Attempt(work)], ["attempt"], terminal.Terminal, cancellationToken);

    public static TheoryData<Exception, int> KnownFailures => new()
    {
        { new UsageException("say a model"), 2 },
        { new BadRowException("trips.csv", 7, "fare", "abc", "a number"), 3 },
        { new UnreadableDataException("trips.parquet", "is cut off"), 3 },
        { new UnknownColumnException("fere", ["fare"]), 3 },
        { new PipelineException(["label: is missing"]), 2 },
        { new ExpressionSyntaxException("fare >", 6, "an operand was expected"), 2 },
        { new ExpressionException(Expressions.Col("fare"), "a number was found."), 2 },
        { new LabelException("fare", "it is constant."), 3 },
        { new VocabularyFullException("name", 10), 3 },
        { new CorruptArtifactException("models/fares", "its file is missing."), 4 },
        { new TrainingDivergedException(1, 2, double.NaN), 1 },
        { new SpillFailedException("tmp", 10, 20, new IOException("full")), 1 },
        { new UnwritableFileException("out.csv", "disk full", new IOException("full")), 1 },
        { new PortUnavailableException(IPAddress.Loopback, 80, new IOException("taken")), 1 },
        { new IOException("No space left on device"), 1 },
    };

    [Theory]
    [MemberData(nameof(KnownFailures))]
    public async Task A_known_failure_is_its_message_and_its_exit_code(Exception failure, int exitCode)
    {
        var terminal = new CapturedTerminal();
        Assert.Equal(exitCode, await RunAsync(terminal, _ => throw failure, CancellationToken.None));
        Assert.Equal($"capstan attempt: {failure.Message}\n", terminal.Error);
        Assert.Empty(terminal.Output);
    }

    [Fact]
    public async Task An_unexpected_failure_says_how_to_get_the_details()
    {
        var terminal = new CapturedTerminal();
        Assert.Equal(ExitCodes.Failure, await RunAsync(terminal, _ => throw new NullReferenceException("oops"), CancellationToken.None));
        Assert.StartsWith("capstan attempt: unexpected NullReferenceException: oops\n", terminal.Error);
        Assert.Contains("CAPSTAN_DEBUG=1", terminal.Error);
        Assert.DoesNotContain("   at ", terminal.Error);
    }

    [Fact]
    public async Task With_details_wanted_the_stack_is_shown()
    {
        var terminal = new CapturedTerminal(showDetails: true);
        await RunAsync(terminal, _ => throw new NullReferenceException("oops"), CancellationToken.None);
        Assert.Contains("   at Capstan.Cli.Tests", terminal.Error);
    }

    [Fact]
    public async Task Cancelled_work_ends_with_130()
    {
        using var source = new CancellationTokenSource();
        var terminal = new CapturedTerminal();
        var running = RunAsync(terminal, async token =>
        {
            source.Cancel();
            await Task.Delay(Timeout.Infinite, token);
            return ExitCodes.Ok;
        }, source.Token);
        Assert.Equal(ExitCodes.Cancelled, await running);
        Assert.Contains("cancelled", terminal.Error);
    }

    [Fact]
    public async Task A_timeout_inside_the_work_is_not_taken_for_a_cancellation()
    {
        var terminal = new CapturedTerminal();
        Assert.Equal(ExitCodes.Failure, await RunAsync(terminal, _ => throw new OperationCanceledException("deadline"), CancellationToken.None));
    }
}
