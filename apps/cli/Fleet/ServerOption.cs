using System.CommandLine;

namespace Capstan.Cli;

/// <summary>Where the gateway is that a command talks to.</summary>
static class ServerOption
{
    public static Option<string> Make() => new("--server")
    {
        Description = "The gateway's address.", HelpName = "URL", DefaultValueFactory = _ => GatewayClient.DefaultServer,
    };
}
