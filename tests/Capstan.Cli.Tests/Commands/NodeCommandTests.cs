using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

/// <summary>Nodes as processes, as people start them.</summary>
public sealed class NodeCommandTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("capstan-cli-node-");

    public void Dispose() => _folder.Remove();

    [Fact]
    public async Task A_node_with_a_certificate_talks_to_those_that_show_it_and_tells_Prometheus_what_it_measures()
    {
        await WriteCertificateAsync("cluster.pem");
        await WriteCertificateAsync("other.pem");
        using var node = Start("node", "--json", "--certificate", At("cluster.pem"), "--metrics-port", "0");
        try
        {
            var told = await ObjectAsync(node.StandardOutput, node.StandardError);
            string[] asked =
            [
                "cluster", "--join", told.GetProperty("node").GetString()!, "--token", told.GetProperty("token").GetString()!,
            ];

            Assert.Contains("can't be talked to", await RefuseAsync(ExitCodes.Failure, [.. asked, "--certificate", At("other.pem")]));
            Assert.Empty((await AskAsync([.. asked, "--certificate", At("cluster.pem")])).GetProperty("jobs").EnumerateArray());
            using var client = new HttpClient();
            Assert.Contains("capstan_cluster_joins_total 1", await UntilAsync(
                () => client.GetStringAsync(told.GetProperty("metrics").GetString()), text => text.Contains("joins_total")));
        }
        finally
        {
            Signal(node, "TERM");
            await node.WaitForExitAsync();
        }

        Assert.Equal(0, node.ExitCode);
    }

    [Fact]
    public async Task A_file_that_holds_no_certificate_is_refused()
    {
        await File.WriteAllTextAsync(At("cluster.pem"), "nothing");

        Assert.Contains("Expected the texts of a certificate", await RefuseAsync(ExitCodes.Usage, "node", "--certificate", At("cluster.pem")));
        Assert.Contains("can't be used", await RefuseAsync(ExitCodes.Usage, "cluster", "--certificate", At("missing.pem")));
    }

    /// <summary>The nodes of the pool get the certificate with their order, or they would not find each other.</summary>
    [Fact]
    public async Task Nodes_that_a_pool_starts_show_the_certificate_of_who_asked_for_them()
    {
        await WriteCertificateAsync("cluster.pem");
        await DoAsync("simulate", "trips", "--rows", "2000", At("trips.csv"));
        await File.WriteAllTextAsync(
            At("p.json"), """{ "name": "fares", "label": "fare_amount", "estimator": { "kind": "BoostedTreesRegressor", "trees": 20 } }""");

        using var train = Start("train", "p.json", "--data", "trips.csv", "--out", "shared", "--workers", "2", "--certificate", "cluster.pem");
        var (output, error) = (train.StandardOutput.ReadToEndAsync(), train.StandardError.ReadToEndAsync());
        await train.WaitForExitAsync();

        Assert.True(train.ExitCode == 0, await error + await output);
        Assert.NotEmpty((await AskAsync("show", At("shared"))).GetProperty("hash").GetString()!);
        // The key is in no file but the user's. Nodes that are about to end may write yet, and remove what they had open.
        Assert.DoesNotContain(
            Directory.EnumerateFiles(At(".capstan"), "*", SearchOption.AllDirectories).Select(TextOf), text => text.Contains("PRIVATE KEY"));
    }

    static string TextOf(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return "";
        }
    }

    string At(string name) => Path.Combine(_folder.FullName, name);

    async Task WriteCertificateAsync(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        await File.WriteAllTextAsync(At(name), $"{made.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
    }

    Process Start(params string[] words)
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        return Process.Start(new ProcessStartInfo(dotnet, [Path.Combine(AppContext.BaseDirectory, "Capstan.Cli.dll"), .. words])
        {
            WorkingDirectory = _folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true,
        })!; // a new process
    }

    static async Task<JsonElement> ObjectAsync(StreamReader output, StreamReader error)
    {
        var text = "";
        while (await output.ReadLineAsync() is { } line)
        {
            text += line;
            if (line == "}")
            {
                break;
            }
        }

        Assert.True(text.EndsWith('}'), $"It ended without having said where it is: {text}{(text.EndsWith('}') ? "" : await error.ReadToEndAsync())}");
        return JsonDocument.Parse(text).RootElement;
    }

    static async Task<string> UntilAsync(Func<Task<string>> ask, Func<string, bool> isSo)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var found = await ask();
            if (isSo(found))
            {
                return found;
            }

            Assert.True(waited.Elapsed < Waiting.Patience, found);
            await Task.Delay(50);
        }
    }

    static void Signal(Process process, string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, $"{process.Id}"]);
        kill.WaitForExit();
    }
}
