using System.CommandLine;
using Capstan.Gateway;

namespace Capstan.Cli;

/// <summary>By which program the replicas of this machine run.</summary>
sealed class ReplicaOption
{
    readonly Option<string?> _replica = new("--replica")
    {
        Description = "The native replica program; without it replicas are 'capstan replica'.", HelpName = "PROGRAM",
    };

    public void AddTo(Command command) => command.Options.Add(_replica);

    public LocalReplicaHost HostOf(ParseResult line)
    {
        var managed = new ReplicaProgram(DotNet(), Path.Combine(AppContext.BaseDirectory, "Capstan.Cli.dll"), "replica", "--port", "0");
        return new LocalReplicaHost(line.GetValue(_replica) is { } program ? new ReplicaProgram(program) : managed, managed);
    }

    /// <summary>The program that runs this one, where there is one; otherwise the one on the path.</summary>
    static string DotNet() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet"; // Not null: it has a name.
}
