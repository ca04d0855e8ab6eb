using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Cli.Tests.Fleet;

/// <summary>
/// A gateway, its replicas and the processes of imported models, all as they are shipped; native replicas where ./test has built them. With a
/// model of trips, and the same model by way of an ONNX file.
/// </summary>
public sealed class ForeignFleet : IAsyncLifetime
{
    /// <summary>How long an imported model may compute: longer than any machine, however busy, is with what it can.</summary>
    public const int Seconds = 8;

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("capstan-foreign-fleet-");
    Process _gateway = null!; // Started before any test runs.

    public string Folder => _folder.FullName;

    public int GatewayId => _gateway.Id;

    public HttpClient Client { get; private set; } = null!; // The same.

    public Uri Grpc { get; private set; } = null!; // The same.

    static string Cli
    {
        get
        {
            var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
            return $"'{dotnet}' '{Path.Combine(AppContext.BaseDirectory, "Capstan.Cli.dll")}'";
        }
    }

    public async ValueTask InitializeAsync()
    {
        foreach (var line in new[]
        {
            "simulate trips trips.csv --rows 2000", "train --data trips.csv --label 'fare_amount > 15' --estimator boosted-trees --out models/trips",
            "export models/trips --onnx trips.onnx", "import trips.onnx --data trips.csv --out models/imported",
        })
        {
            using var command = Start($"{Cli} {line}");
            var (output, error) = (command.StandardOutput.ReadToEndAsync(), command.StandardError.ReadToEndAsync());
            await command.WaitForExitAsync();
            Assert.True(command.ExitCode == 0, $"{line}: {await error}{await output}");
        }

        var native = Path.Combine(Root(), ".capstan", "replica", "Capstan.Replica");
        var replica = File.Exists(native) ? $"--replica '{native}'" : "";
        _gateway = Start($"exec {Cli} gateway --port 0 --grpc-port 0 --json --foreign-seconds {Seconds} --foreign-memory 1024 {replica}");
        var complaints = _gateway.StandardError.ReadToEndAsync();
        var told = new StringBuilder();
        while (!told.ToString().EndsWith('}'))
        {
            told.Append(await _gateway.StandardOutput.ReadLineAsync() ?? throw new EndOfStreamException($"The gateway did not start: {await complaints}"));
        }

        var json = JsonDocument.Parse(told.ToString()).RootElement;
        Client = new HttpClient { BaseAddress = new Uri(json.GetProperty("url").GetString()!) }; // It tells where it listens.
        Grpc = new Uri(json.GetProperty("grpcUrl").GetString()!); // The same.
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        using (var interrupt = Process.Start("kill", ["-INT", $"{_gateway.Id}"]))
        {
            await interrupt.WaitForExitAsync();
        }

        await _gateway.WaitForExitAsync();
        _gateway.Dispose();
        _folder.Remove();
    }

    /// <returns>The answer's status, and its code where it is a refusal.</returns>
    public async Task<(int Status, string Code, string Answer)> DeployAsync(string model, string artifact, int? perMille = null)
    {
        using var response = await Client.PostAsJsonAsync(
            $"/v1beta/routes/{model}:deploy", new { artifact = Path.Combine(Folder, artifact), trafficPerMille = perMille });
        return await ReadAsync(response);
    }

    /// <summary>Asks for a prediction, and does not wait for anything but the answer.</summary>
    public async Task<(int Status, string Code, string Answer, string Version)> AskAsync(string target, string body)
    {
        using var content = new StringContent(body);
        using var response = await Client.PostAsync($"/v1/models/{target}:predict", content);
        var (status, code, answer) = await ReadAsync(response);
        return (status, code, answer, response.Headers.TryGetValues("X-Capstan-Version", out var version) ? version.Single() : "");
    }

    /// <summary>Trips that differ, as bodies of requests: the model's own example with other distances.</summary>
    public async Task<string[]> TripsAsync(string target, int count)
    {
        var signature = await Client.GetFromJsonAsync<JsonNode>($"/v1/models/{target}");
        return [.. Enumerable.Range(0, count).Select(trip =>
        {
            var example = signature!["example"]!.DeepClone(); // A signature has one.
            example["instances"]![0]!["trip_distance"] = 0.25 * trip;
            return example.ToJsonString();
        })];
    }

    /// <summary>The processes of imported models whose replicas are this gateway's.</summary>
    public int[] ForeignProcesses() => [.. Processes().Where(process => process.Line.Contains("/capstan-foreign-", StringComparison.Ordinal) && IsOurs(process.Id))
        .Select(process => process.Id)];

    /// <summary>Whether a process has ONNX Runtime's library in its memory.</summary>
    public static bool HasOnnxRuntime(int process) =>
        File.ReadAllText($"/proc/{process}/maps").Contains("libonnxruntime", StringComparison.Ordinal);

    /// <returns>0 where the process has ended.</returns>
    public static int ParentOf(int process)
    {
        try
        {
            return int.Parse(File.ReadAllText($"/proc/{process}/stat").Split(')')[^1].Split(' ')[2], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Whether a process listens at a port of the loopback address.</summary>
    public static bool ListensAt(int process, int port)
    {
        var line = File.ReadLines("/proc/net/tcp").FirstOrDefault(line =>
            line.Contains($"0100007F:{port:X4} 00000000:0000 0A", StringComparison.Ordinal));
        var socket = $"socket:[{line?.Split(' ', StringSplitOptions.RemoveEmptyEntries)[9]}]";
        try
        {
            return Directory.EnumerateFiles($"/proc/{process}/fd").Any(file => new FileInfo(file).LinkTarget == socket);
        }
        catch (IOException)
        {
            return false; // It has just ended, or closed a file.
        }
    }

    static async Task<(int Status, string Code, string Answer)> ReadAsync(HttpResponseMessage response)
    {
        var answer = await response.Content.ReadAsStringAsync();
        var json = JsonDocument.Parse(answer).RootElement;
        return ((int)response.StatusCode, json.TryGetProperty("code", out var code) ? code.GetString()! : "", answer); // A text.
    }

    bool IsOurs(int process)
    {
        for (var each = process; each > 1; each = ParentOf(each))
        {
            if (each == _gateway.Id)
            {
                return true;
            }
        }

        return false;
    }

    static IEnumerable<(int Id, string Line)> Processes()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                string line;
                try
                {
                    line = File.ReadAllText(Path.Combine(folder, "cmdline"));
                }
                catch (IOException)
                {
                    continue; // It has just ended.
                }

                yield return (id, line);
            }
        }
    }

    Process Start(string script) => Process.Start(new ProcessStartInfo("bash", ["-c", script])
    {
        WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
    })!; // The system has bash, or ./capstan would not run either.

    static string Root([CallerFilePath] string caller = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(caller)!, "..", "..", ".."));
}
