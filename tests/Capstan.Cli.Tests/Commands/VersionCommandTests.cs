using System.Text.Json;
using Capstan.Cli.Tests.Frame;

namespace Capstan.Cli.Tests.Commands;

public sealed class VersionCommandTests
{
    static readonly string[] Names = ["capstan", "dotnet", "system", "processors", "vectors"];

    [Fact]
    public async Task Programs_get_one_json_object()
    {
        var terminal = new CapturedTerminal();
        Assert.Equal(ExitCodes.Ok, await terminal.RunAsync("version", "--json"));
        var facts = JsonDocument.Parse(terminal.Output).RootElement;
        Assert.Equal(Names, facts.EnumerateObject().Select(fact => fact.Name));
        Assert.Equal(Environment.Version.ToString(), facts.GetProperty("dotnet").GetString());
        Assert.Matches(@"^\d+\.\d+\.\d+", facts.GetProperty("capstan").GetString());
    }

    [Fact]
    public async Task People_get_a_line_for_each_fact()
    {
        var terminal = new CapturedTerminal();
        Assert.Equal(ExitCodes.Ok, await terminal.RunAsync("version"));
        Assert.Equal(Names, terminal.Output.TrimEnd().Split('\n').Select(line => line.Split(' ')[0]));
    }
}
