using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Capstan.Serving.Tests.Replicas;

/// <summary>
/// The parity test of serving: the native program answers with the same bytes as the server of this process, for the models of
/// every family. <c>./test</c> builds the program; without it these tests are skipped.
/// </summary>
public sealed class NativeReplicaTests
{
    const int Rows = 500;

    public static string Program { get; } = Path.Combine(Root(), ".capstan", "replica", "Capstan.Replica");

    [Fact]
    public async Task The_native_replica_answers_the_same_bytes_for_every_family()
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not there; ./test builds it.");
        string[] names = [.. GoldenArtifacts.Names];
        Assert.NotEmpty(names);
        var table = Path.GetTempFileName();
        await File.WriteAllBytesAsync(table, new RoutingTable(1, [.. names.Select(name => new ModelRoute(
            name, [GoldenArtifacts.Version("v1", name)], [], Split.AllTo("v1")))]).ToJson());
        await using var native = await NativeReplica.StartAsync(Program, table);
        await using var managed = await PredictionServer.StartAsync(
            names.Select(name => GoldenArtifacts.Model(name, name)), new PredictionServerOptions(), CancellationToken.None);
        using var client = new HttpClient();
        foreach (var name in names)
        {
            foreach (var (verb, member) in new[] { ("predict", "{\"predictions\":["), ("explain", "{\"explanations\":[") })
            {
                var expected = await AskAsync(client, managed.Url, name, verb);
                Assert.Equal(expected, await AskAsync(client, native.Url, name, verb));
                Assert.StartsWith(member, System.Text.Encoding.UTF8.GetString(expected));
            }
        }

        File.Delete(table);
    }

    static async Task<byte[]> AskAsync(HttpClient client, Uri server, string name, string verb)
    {
        var body = new ArrayBufferWriter<byte>();
        InstanceWriter.Write(GoldenArtifacts.Rows(GoldenArtifacts.Model(name, name).Inputs, Rows, 1), 0, Rows, body);
        using var content = new ByteArrayContent(body.WrittenSpan.ToArray());
        using var response = await client.PostAsync(new Uri(server, $"/v1/models/{name}:{verb}"), content);
        return await response.Content.ReadAsByteArrayAsync();
    }

    static string Root([CallerFilePath] string caller = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(caller)!, "..", "..", ".."));

    /// <summary>The program, ended by the end of its input.</summary>
    sealed class NativeReplica(Process process, Uri url) : IAsyncDisposable
    {
        public Uri Url => url;

        public static async Task<NativeReplica> StartAsync(string program, string table)
        {
            var process = Process.Start(new ProcessStartInfo(program, ["--table", table, "--attached"])
            {
                RedirectStandardInput = true, RedirectStandardOutput = true,
            })!; // A program that is there starts, or this throws.
            return new NativeReplica(process, new Uri((await process.StandardOutput.ReadLineAsync())!)); // It says where it listens.
        }

        public async ValueTask DisposeAsync()
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
