using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.Service.Tests.Faults;

public sealed class FaultTests
{
    [Fact]
    public async Task Of_64_patches_with_one_etag_exactly_one_wins()
    {
        await using var service = await RunningService.StartAsync();
        var model = await service.DoAsync("POST", "/v1/projects/p/models", """{"name":"m"}""");
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(index => service.SendAsync(
            "PATCH", "/v1/projects/p/models/m?updateMask=description", new JsonObject { ["description"] = $"d{index}", ["etag"] = $"{model["etag"]}" }.ToJsonString())));
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal(63, answers.Count(answer => answer.Status == 409 && $"{answer.Json["error"]!["status"]}" == "ABORTED"));
    }

    [Fact]
    public async Task Wrong_bodies_are_refused_and_others_are_answered_meanwhile()
    {
        await using var service = await RunningService.StartAsync(options => options with { MaxUploadBytes = 1000 });
        await service.DoAsync("POST", "/v1/projects/p/models", """{"name":"m"}""");
        (string Body, int Status)[] wrong =
        [
            ("{", 400), ("null", 400), ("[]", 400), ("\u0000", 400), (string.Concat(Enumerable.Repeat("{\"labels\":", 10_000)), 400),
            ($"{{{string.Join(',', Enumerable.Range(0, 200_000).Select(index => $"\"k{index}\":1"))}}}", 400),
            ($"{{\"description\":\"{new string('x', 5 << 20)}\"}}", 413),
            ("""{"name":"../x"}""", 400), ("""{"name":"x","labels":{"a/b":"c"}}""", 400), ("""{"name":"x","nonsense":1}""", 400),
        ];
        foreach (var (body, status) in wrong)
        {
            var refusal = service.SendAsync("POST", "/v1/projects/p/models", body);
            Assert.Equal(200, (await service.SendAsync("GET", "/v1/projects/p/models/m")).Status);
            Assert.Equal(status, (await refusal).Status);
        }

        Assert.Equal(413, (int)(await service.Http.PostAsync("/upload/storage/v1/b/p/o?name=x", new StringContent(new string('x', 2000)))).StatusCode);
        foreach (var name in (string[])["../../x", "/etc/x", "a//b", "", "a\\..\\b"])
        {
            Assert.Equal(400, (int)(await service.Http.PostAsync($"/upload/storage/v1/b/p/o?name={Uri.EscapeDataString(name)}", new StringContent("x"))).StatusCode);
        }

        Assert.Single((await service.DoAsync("GET", "/v1/projects/p/models"))["models"]!.AsArray());
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_nothing()
    {
        await using var service = await RunningService.StartAsync();
        using (var socket = new TcpClient("127.0.0.1", service.Server.Url.Port))
        {
            var head = $"POST /upload/storage/v1/b/p/o?name=broken HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nonly this";
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
        }

        Assert.Equal("{}", (await service.DoAsync("GET", "/storage/v1/b/p/o")).ToJsonString());
    }

    [Theory]
    [InlineData("/none", "no files")]
    [InlineData("gs://none/x", "no files")]
    [InlineData("relative/path", "full path")]
    [InlineData("gs://b/../x", "'..'")]
    public async Task A_version_of_nothing_fails_with_words_and_its_model_stays(string uri, string words)
    {
        await using var service = await RunningService.StartAsync();
        await service.DoAsync("POST", "/v1/projects/p/models", """{"name":"m"}""");
        var operation = await service.WaitAsync(await service.DoAsync("POST", "/v1/projects/p/models/m/versions", $$"""{"name":"v","deploymentUri":"{{uri}}"}"""));
        Assert.Contains(words, $"{operation["error"]!["message"]}");
        Assert.Equal("FAILED", $"{(await service.DoAsync("GET", "/v1/projects/p/models/m/versions/v"))["state"]}");
        await service.RefuseAsync(400, "POST", "/v1/projects/p/models/m:predict", """{"instances":[]}""");
        await service.RefuseAsync(400, "POST", "/v1/projects/p/models/m/versions/v:setDefault");
        await service.DoAsync("DELETE", "/v1/projects/p/models/m/versions/v");
        await service.DoAsync("DELETE", "/v1/projects/p/models/m");
    }

    [Fact]
    public async Task Links_damaged_models_and_files_that_are_none_become_no_version()
    {
        await using var service = await RunningService.StartAsync();
        await service.DoAsync("POST", "/v1/projects/p/models", """{"name":"m"}""");
        Directory.CreateDirectory(service.At("linked"));
        File.CreateSymbolicLink(service.At("linked/passwd"), "/etc/passwd");
        Directory.CreateDirectory(service.At("text"));
        File.WriteAllText(service.At("text/readme"), "no model");
        Directory.CreateDirectory(service.At("damaged"));
        foreach (var file in Directory.EnumerateFiles(await TripsModel.FolderAsync))
        {
            File.Copy(file, service.At($"damaged/{Path.GetFileName(file)}"));
        }

        var victim = Directory.EnumerateFiles(service.At("damaged"), "predictor*").First();
        var bytes = File.ReadAllBytes(victim);
        bytes[^1] ^= 1;
        File.WriteAllBytes(victim, bytes);
        foreach (var (name, words) in new[] { ("linked", "symbolic link"), ("text", "no model of Capstan"), ("damaged", "SHA-256") })
        {
            var operation = await service.WaitAsync(await service.DoAsync(
                "POST", "/v1/projects/p/models/m/versions", $$"""{"name":"{{name}}","deploymentUri":"{{service.At(name)}}"}"""));
            Assert.Contains(words, $"{operation["error"]?["message"]}");
        }
    }

    [Fact]
    public async Task A_stored_copy_that_is_changed_is_not_served()
    {
        await using var service = await RunningService.StartAsync();
        await service.WithModelAsync("p");
        var file = Directory.EnumerateFiles(service.At("store/artifacts"), "lineage.json", SearchOption.AllDirectories).Single();
        File.AppendAllText(file, " ");
        var error = await service.RefuseAsync(500, "POST", "/v1/projects/p/models/trips:predict", $$"""{"instances":[{{TripsModel.Instance}}]}""");
        Assert.Equal("DATA_LOSS", $"{error["status"]}");
        Assert.Contains("lineage.json does not have the SHA-256", $"{error["message"]}");
    }

    /// <summary>The program itself is killed again and again while it is written to; what it acknowledged is there each time.</summary>
    [Fact]
    public async Task Killed_at_any_moment_nothing_acknowledged_is_lost_and_no_version_is_half_made()
    {
        const int Kills = 6;
        var folder = Directory.CreateTempSubdirectory("capstan-killed-");
        var acknowledged = new List<string>();
        var model = await TripsModel.FolderAsync;
        var random = new Random(7);
        for (var round = 0; round < Kills; round++)
        {
            var (process, url) = await StartAsync(folder.FullName);
            using var http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromSeconds(30) };
            var writes = random.Next(2, 40);
            var number = 0;
            try
            {
                while (true)
                {
                    var name = $"m{round}_{number++}";
                    using var created = await http.PostAsync("/v1/projects/p/models", Json($$"""{"name":"{{name}}"}"""));
                    if (created.IsSuccessStatusCode)
                    {
                        acknowledged.Add(name);
                    }

                    using var version = await http.PostAsync($"/v1/projects/p/models/{name}/versions", Json($$"""{"name":"v","deploymentUri":"{{model}}"}"""));
                    if (number == writes)
                    {
                        // No time to end anything, in the middle of whatever its workers do.
                        process.Kill();
                    }
                }
            }
            catch (HttpRequestException)
            {
                await process.WaitForExitAsync();
                process.Dispose();
            }
        }

        await using (var service = await RunningService.StartAsync(folder: folder.FullName))
        {
            foreach (var name in acknowledged)
            {
                var found = await service.DoAsync("GET", $"/v1/projects/p/models/{name}");
                var versions = (await service.DoAsync("GET", $"/v1/projects/p/models/{name}/versions"))["versions"]?.AsArray() ?? [];
                foreach (var version in versions)
                {
                    // What was not finished is taken up by the server that came after.
                    while ($"{(await service.DoAsync("GET", $"/v1/{version!["name"]}"))["state"]}" == "CREATING")
                    {
                        await Task.Delay(20);
                    }

                    Assert.Equal("READY", $"{(await service.DoAsync("GET", $"/v1/{version["name"]}"))["state"]}");
                    await service.DoAsync("POST", $"/v1/projects/p/models/{name}:predict", $$"""{"instances":[{{TripsModel.Instance}}]}""");
                }
            }

            Assert.True(acknowledged.Count > Kills);
        }

        folder.Delete(recursive: true);
    }

    static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    static async Task<(Process Process, Uri Url)> StartAsync(string folder)
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        var process = Process.Start(new ProcessStartInfo(
            dotnet, [Path.Combine(AppContext.BaseDirectory, "Capstan.Cli.dll"), "server", "--port", "0", "--data", folder, "--quiet"])
        {
            RedirectStandardOutput = true,
        })!; // a new process
        var line = await process.StandardOutput.ReadLineAsync();
        return (process, new Uri(line!.Split(' ').First(word => word.StartsWith("http", StringComparison.Ordinal)))); // the first line says where
    }
}
