using System.Diagnostics;

namespace Capstan.Registry.Tests.Artifacts;

/// <summary>Somebody else's S3 server, npm's fauxqs, for one test run: in memory, on a free port of loopback.</summary>
sealed class S3Server
{
    static readonly Lazy<Task<S3Server>> Only = new(StartAsync);

    readonly Process _process;

    S3Server(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>A bucket of a test's own, as the registry names it.</summary>
    public static async Task<string> NewBucketAsync()
    {
        NodePackages.Require("fauxqs");
        var server = await Only.Value;
        var bucket = $"b{Guid.NewGuid():N}";
        using var http = new HttpClient();
        using var response = await http.PutAsync($"http://127.0.0.1:{server.Port}/{bucket}", null);
        response.EnsureSuccessStatusCode();
        return $"s3://key:secret@127.0.0.1:{server.Port}/{bucket}?tls=false";
    }

    static async Task<S3Server> StartAsync()
    {
        // Ends with the test program, however that ends: then nobody holds its input.
        const string Script =
            """
            import { startFauxqs } from 'fauxqs';
            const server = await startFauxqs({ port: 0, logger: false });
            console.log(server.port);
            process.stdin.resume();
            process.stdin.on('end', () => process.exit(0));
            """;
        var process = Process.Start(NodePackages.Start("--input-type=module", "-e", Script))!; // a new process
        var line = await process.StandardOutput.ReadLineAsync();
        return int.TryParse(line, out var port) ? new S3Server(process, port)
            : throw new InvalidOperationException($"fauxqs did not start: {line}{await process.StandardError.ReadToEndAsync()}");
    }
}
