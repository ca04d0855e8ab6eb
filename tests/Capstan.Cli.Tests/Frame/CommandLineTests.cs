namespace Capstan.Cli.Tests.Frame;

public sealed class CommandLineTests
{
    readonly CapturedTerminal _terminal = new();

    [Fact]
    public async Task The_help_of_the_program_is_the_one_on_file()
    {
        Assert.Equal(ExitCodes.Ok, await _terminal.RunAsync("--help"));
        GoldenText.Check("help.txt", _terminal.Output);
        Assert.Empty(_terminal.Error);
    }

    [Fact]
    public async Task Without_a_command_the_help_goes_to_standard_error()
    {
        Assert.Equal(ExitCodes.Usage, await _terminal.RunAsync());
        Assert.Empty(_terminal.Output);
        Assert.Contains("Commands:", _terminal.Error);
        Assert.Contains("Exit codes:", _terminal.Error);
    }

    [Fact]
    public async Task Every_command_has_a_help_on_file_with_an_example_that_begins_with_its_name()
    {
        foreach (var command in CommandLine.Commands)
        {
            var terminal = new CapturedTerminal();
            Assert.Equal(ExitCodes.Ok, await terminal.RunAsync(command.Name, "--help"));
            GoldenText.Check($"help-{command.Name}.txt", terminal.Output);
            Assert.NotEmpty(command.Examples);
            Assert.All(command.Examples, example => Assert.Contains($"capstan {command.Name}", example.Line));
        }
    }

    [Theory]
    [InlineData("versoin", "Did you mean 'capstan version'?")]
    [InlineData("version --nonsense", "Unrecognized command or argument '--nonsense'")]
    [InlineData("version too many", "Unrecognized command or argument 'too'")]
    [InlineData("--nonsense", "capstan --help")]
    [InlineData("train pipeline.json --data rows.csv --output model", "there is no option '--output'. Did you mean '--out'?")]
    [InlineData("run --workers 1 --nonsense -- echo --its-own", "'--nonsense'")]
    public async Task A_wrong_line_is_a_usage_error_that_points_to_the_help(string line, string expected)
    {
        Assert.Equal(ExitCodes.Usage, await _terminal.RunAsync(line.Split(' ')));
        Assert.Empty(_terminal.Output);
        Assert.Contains(expected, _terminal.Error);
        Assert.Contains("--help'", _terminal.Error);
    }
}
