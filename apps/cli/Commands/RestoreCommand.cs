using System.CommandLine;
using Capstan.Registry;

namespace Capstan.Cli;

/// <summary><c>capstan restore</c>: a backup becomes a server's registry and files.</summary>
sealed class RestoreCommand : CapstanCommand
{
    readonly Argument<string> _folder = new("FOLDER") { Description = "The backup." };
    readonly RegistryOptions _registry = new();

    public RestoreCommand()
        : base(
            "restore", "Put a backup into a new data folder or database.",
            new Example("capstan restore copies/today --data restored", "then: capstan server --data restored"),
            new Example("capstan restore copies/today --database postgresql://ml@db/ml", "from SQLite to PostgreSQL"))
    {
        Arguments.Add(_folder);
        _registry.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        await using var database = await _registry.DatabaseAsync(line, cancellationToken);
        var store = _registry.Store(line);
        await RegistryBackup.RestoreAsync(line.GetRequiredValue(_folder), database, store, cancellationToken);
        session.Remark("Done.");
        return ExitCodes.Ok;
    }
}
