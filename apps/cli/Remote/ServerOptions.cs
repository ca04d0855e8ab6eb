using System.CommandLine;
using System.Runtime.InteropServices;
using Capstan.Client;
using Capstan.Service;

namespace Capstan.Cli;

/// <summary>
/// Which server a command speaks to. Without one named, the server that runs on the data folder; without that, one of the
/// command's own, which ends with it.
/// </summary>
sealed class ServerOptions
{
    const string ServerVariable = "CAPSTAN_SERVER";
    const string KeyVariable = "CAPSTAN_KEY";
    public const string UsualFolder = "capstan-data";

    readonly Option<string?> _server = new("--server")
    {
        Description = $"A server's address, such as http://127.0.0.1:8080; {ServerVariable} without it; its key in " +
            $"{KeyVariable}.", HelpName = "URL",
    };

    readonly Option<string> _data = new("--data")
    {
        Description = "Without a server, the data folder to work on.", HelpName = "DIR", DefaultValueFactory = _ => UsualFolder,
    };

    readonly Option<string> _project = new("--project")
    {
        Description = "The project that names are in.", HelpName = "NAME", DefaultValueFactory = _ => "default",
    };

    /// <summary>The command line of a job's process: this very program.</summary>
    public static IReadOnlyList<string> JobProgramLine =>
    [
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet")),
        typeof(ServerOptions).Assembly.Location, JobProgram.Word,
    ];

    public void AddTo(Command command)
    {
        command.Options.Add(_server);
        command.Options.Add(_data);
        command.Options.Add(_project);
    }

    public async Task<ServerSession> ConnectAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var project = line.GetRequiredValue(_project);
        if ((line.GetValue(_server) ?? Environment.GetEnvironmentVariable(ServerVariable)) is { Length: > 0 } text)
        {
            return new ServerSession(ClientOf(AddressOf(text), project), null);
        }

        var folder = line.GetRequiredValue(_data);
        try
        {
            var server = await ServiceServer.StartAsync(OptionsOf(folder), cancellationToken);
            return new ServerSession(ClientOf(server.Url, project), server);
        }
        catch (ServiceSetupException) when (ServiceServer.FindUrl(folder) is { } running)
        {
            // It holds the folder, so it runs.
            return new ServerSession(ClientOf(running, project), null);
        }
    }

    /// <param name="folder">The data folder.</param>
    public static ServiceOptions OptionsOf(string folder) => new()
    {
        DataFolder = folder,
        Port = 0,
        Access = new AccessOptions { IsOpen = true },
        Jobs = new LocalJobRunner(JobProgramLine, Environment.MachineName),
        MachineName = Environment.MachineName,
        Release = CapstanVersion.Text,
        Environment = Environment.GetEnvironmentVariable,
    };

    static ResourceClient ClientOf(Uri address, string project) => new(new CapstanConnection(
        new HttpClient { Timeout = TimeSpan.FromMinutes(30) },
        new CapstanClientOptions { Address = address, Project = project,
            Key = Environment.GetEnvironmentVariable(KeyVariable) }));

    static Uri AddressOf(string text) =>
        Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var address) &&
        address.Scheme is "http" or "https"
            ? address
            : throw new UsageException($"--server was given '{text}', expected an address such as http://127.0.0.1:8080.");
}

/// <summary>A connection, and the server behind it where it is the command's own.</summary>
sealed class ServerSession(ResourceClient client, ServiceServer? own) : IAsyncDisposable
{
    public ResourceClient Client { get; } = client;

    public string Project => Client.Connection.Project;

    /// <summary>The server ends with the command.</summary>
    public bool IsOwn => own is not null;

    public async ValueTask DisposeAsync()
    {
        if (own is not null)
        {
            await own.DisposeAsync();
        }
    }
}
