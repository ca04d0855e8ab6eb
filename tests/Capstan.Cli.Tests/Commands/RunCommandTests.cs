using System.Text.Json;
using Capstan.Cli.Tests.Frame;
using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

/// <summary>With real processes: this test program's own copy of the command line.</summary>
public sealed class RunCommandTests : IDisposable
{
    readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    static async Task<(int Code, CapturedTerminal Terminal)> RunAsync(CancellationToken cancellationToken, params string[] words)
    {
        var terminal = new CapturedTerminal();
        return (await CommandLine.RunAsync(CommandLine.Commands, ["run", .. words], terminal.Terminal, cancellationToken), terminal);
    }

    [Fact]
    public async Task Every_member_finds_the_others_in_TF_CONFIG_and_its_lines_come_with_its_name()
    {
        var (code, terminal) = await RunAsync(
            CancellationToken.None, "--workers", "1", "--parameter-servers", "1", "--",
            // The chief, with which all ends, ends when the others have spoken.
            "sh", "-c", $"echo \"$TF_CONFIG\"; touch {_place.At("$CAPSTAN_MEMBER")}; test $CAPSTAN_ROLE != ps || sleep 1000; " +
            $"test $CAPSTAN_ROLE != chief || until test -e {_place.At("ps-0")} && test -e {_place.At("worker-0")}; do sleep 0.05; done");

        Assert.True(code == 0, terminal.Error);
        var lines = terminal.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(" | ", 2)).ToArray();
        Assert.Equal(["chief-0", "ps-0", "worker-0"], lines.Select(line => line[0].TrimEnd()).Order());
        var configurations = lines.Select(line => JsonDocument.Parse(line[1]).RootElement).ToArray();
        Assert.All(configurations, each => Assert.Equal(configurations[0].GetProperty("cluster").GetRawText(), each.GetProperty("cluster").GetRawText()));
        Assert.Equal(3, configurations[0].GetProperty("cluster").EnumerateObject().Sum(role => role.Value.GetArrayLength()));
        Assert.All(lines.Zip(configurations), pair => Assert.StartsWith(pair.Second.GetProperty("task").GetProperty("type").GetString()!, pair.First[0]));
    }

    [Fact]
    public async Task A_member_that_fails_ends_the_others_and_its_exit_code_is_the_runs()
    {
        var (code, terminal) = await RunAsync(
            CancellationToken.None, "--workers", "2", "--", "sh", "-c", "test $CAPSTAN_MEMBER != worker-1 || exit 7; sleep 1000");

        Assert.Equal(7, code);
        Assert.Contains("worker-1 failed with exit code 7", terminal.Error);
    }

    [Fact]
    public async Task The_chiefs_exit_code_decides_where_all_else_is_well()
    {
        var (code, _) = await RunAsync(CancellationToken.None, "--workers", "1", "--", "sh", "-c", "test $CAPSTAN_ROLE != chief || exit 5; sleep 1000");

        Assert.Equal(5, code);
    }

    [Fact]
    public async Task Cancelling_ends_every_member_and_what_it_started()
    {
        using var cancellation = new CancellationTokenSource();
        var run = RunAsync(cancellation.Token, "--workers", "1", "--", "sh", "-c", $"sleep 1000 & echo $! > {_place.At("$CAPSTAN_MEMBER")}; wait");
        string[] files = [_place.At("chief-0"), _place.At("worker-0")];
        await Waiting.UntilAsync("all members have begun", () => files.All(file => File.Exists(file) && File.ReadAllText(file).EndsWith('\n')));

        cancellation.Cancel();

        Assert.Equal(ExitCodes.Cancelled, (await run).Code);
        // A signal that was sent is not yet a process that has ended.
        await Waiting.UntilAsync("all that they started has ended", () => !files.Any(file => IsRunning(int.Parse(File.ReadAllText(file)))));
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_told_with_the_member_that_missed_it()
    {
        var (code, terminal) = await RunAsync(CancellationToken.None, "--", "no-such-program");

        Assert.Equal(127, code);
        Assert.Contains("chief-0: 'no-such-program' can't be started", terminal.Error);
    }

    [Theory]
    [InlineData("expected 0 or more", "--workers", "-1")]
    [InlineData("expected local[:PLACES]", "--pool", "moon")]
    [InlineData("expected at least 1", "--processors", "0")]
    public async Task What_cannot_be_is_a_usage_error(string expected, params string[] words) =>
        Assert.Contains(expected, await RefuseAsync(ExitCodes.Usage, ["run", .. words, "--", "true"]));

    [Fact]
    public async Task A_pool_with_too_few_places_says_whom_it_has_none_for() => Assert.Contains(
        "has no place for", await RefuseAsync(ExitCodes.Failure, "run", "--workers", "2", "--pool", "local:2", "--", "sleep", "1000"));

    // A process that has ended but was not asked for its exit code still stands in the list.
    static bool IsRunning(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ");
        }
        catch (IOException)
        {
            return false;
        }
    }
}
