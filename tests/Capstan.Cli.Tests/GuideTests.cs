using System.Runtime.CompilerServices;

namespace Capstan.Cli.Tests;

public sealed class GuideTests
{
    static string Guide([CallerFilePath] string caller = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(caller)!, "..", "..", "docs", "guide", "cli.md"));

    [Fact]
    public void The_guide_lists_every_exit_code_and_every_command_in_the_programs_own_words()
    {
        var guide = Guide();
        Assert.All(ExitCodes.All, each => Assert.Contains($"| {each.Code} | {each.Meaning} |", guide));
        Assert.All(CommandLine.Commands, command => Assert.Contains($"| `capstan {command.Name}` | {command.Description} |", guide));
    }
}
