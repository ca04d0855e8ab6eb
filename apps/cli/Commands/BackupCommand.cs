using System.CommandLine;
using Capstan.Registry;

namespace Capstan.Cli;

/// <summary><c>capstan backup</c>: everything of a server as a folder.</summary>
sealed class BackupCommand : CapstanCommand
{
    readonly Argument<string> _folder = new("FOLDER") { Description = "The folder to write; must not exist." };
    readonly RegistryOptions _registry = new();

    public BackupCommand()
        : base(
            "backup", "Copy a server's registry and files into a folder.",
            new Example("capstan backup copies/today", "while the server runs"),
            new Example("capstan backup copies/today --database postgresql://ml@db/ml --artifacts s3://store/ml",
                "of servers on PostgreSQL and S3"))
    {
        Arguments.Add(_folder);
        _registry.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        await using var database = await _registry.DatabaseAsync(line, cancellationToken);
        var store = _registry.Store(line);
        await RegistryBackup.WriteAsync(database, store, line.GetRequiredValue(_folder), cancellationToken);
        session.Remark("Done.");
        return ExitCodes.Ok;
    }
}
