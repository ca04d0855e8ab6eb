using System.CommandLine;
using Capstan.Registry;

namespace Capstan.Cli;

/// <summary>Which registry and files a command works on, without a server.</summary>
sealed class RegistryOptions
{
    readonly Option<string> _data = new("--data")
    {
        Description = "The server's data folder.", HelpName = "DIR", DefaultValueFactory = _ => ServerOptions.UsualFolder,
    };

    readonly Option<string?> _database =
        new("--database") { Description = "The server's database, where it is not in that folder.", HelpName = "URL" };
    readonly Option<string?> _artifacts =
        new("--artifacts") { Description = "The server's files, where they are not in that folder.", HelpName = "URL" };

    public void AddTo(Command command)
    {
        command.Options.Add(_data);
        command.Options.Add(_database);
        command.Options.Add(_artifacts);
    }

    public Task<RegistryDatabase> DatabaseAsync(ParseResult line, CancellationToken cancellationToken) =>
        RegistryDatabase.OpenAsync(line.GetValue(_database) ?? Path.Combine(line.GetRequiredValue(_data), "registry.db"),
            cancellationToken);

    public IArtifactStore Store(ParseResult line) => ArtifactStores.Open(
        line.GetValue(_artifacts) ?? Path.Combine(line.GetRequiredValue(_data), "store"), Environment.GetEnvironmentVariable,
        TimeProvider.System);
}
