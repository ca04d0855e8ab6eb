using System.CommandLine;

namespace Capstan.Cli;

/// <summary>Which gateway, or server that hosts one, a command talks to, and by which key it is known there.</summary>
sealed class ServerOption
{
    const string KeyVariable = "CAPSTAN_KEY";

    readonly Option<string> _server = new("--server")
    {
        Description = "The address of the gateway or server.", HelpName = "URL", DefaultValueFactory = _ => GatewayClient.DefaultServer,
    };

    readonly Option<string?> _key = new("--key")
    {
        Description = $"The key that a server asks for; {KeyVariable} without it.", HelpName = "KEY",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_server);
        command.Options.Add(_key);
    }

    public string AddressOf(ParseResult line) => line.GetRequiredValue(_server);

    /// <returns>Null: there is none to send.</returns>
    public string? KeyOf(ParseResult line) => (line.GetValue(_key) ?? Environment.GetEnvironmentVariable(KeyVariable)) is { Length: > 0 } key ? key : null;

    public GatewayClient Connect(ParseResult line) => new(AddressOf(line), KeyOf(line));
}
