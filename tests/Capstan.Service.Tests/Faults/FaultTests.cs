using System.Net.Sockets;
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

    /// <summary>A body of a gigabyte: refused by what it says of itself, or as soon as too much of it has come.</summary>
    [Theory]
    [InlineData("/v1/projects/p/models", true)]
    [InlineData("/v1/projects/p/models", false)]
    [InlineData("/v1/projects/p/models/m:predict", false)]
    [InlineData("/v2/entries:list", false)]
    [InlineData("/upload/storage/v1/b/p/o?name=x", true)]
    [InlineData("/upload/storage/v1/b/p/o?name=x", false)]
    public async Task A_body_of_a_gigabyte_is_refused_early_and_takes_no_memory(string path, bool saysItsLength)
    {
        await using var service = await RunningService.StartAsync(options => options with { MaxUploadBytes = 8 << 20 });
        using var client = new TcpClient("127.0.0.1", service.Server.Url.Port);
        var stream = client.GetStream();
        var length = saysItsLength ? $"Content-Length: {1 << 30}" : "Transfer-Encoding: chunked";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{length}\r\n\r\n"));
        var (sent, block) = (0L, new byte[1 << 16]);
        Array.Fill(block, (byte)' ');
        byte[] chunk = saysItsLength ? block : [.. Encoding.ASCII.GetBytes($"{block.Length:x}\r\n"), .. block, .. "\r\n"u8];
        var answer = ReadAsync(stream);
        try
        {
            for (; sent < 63 << 20 && !answer.IsCompleted; sent += block.Length)
            {
                var writing = stream.WriteAsync(chunk).AsTask();
                await (await Task.WhenAny(writing, answer) == writing ? writing : Task.CompletedTask);
            }
        }
        catch (IOException)
        {
            // It has hung up.
        }

        // Of a gigabyte it has had no more than that, and knows what to say.
        Assert.StartsWith("HTTP/1.1 413", await answer.WaitAsync(Waiting.Patience));
        Assert.Equal(200, (await service.SendAsync("GET", "/v1/projects/p/models")).Status);
    }

    static async Task<string> ReadAsync(Stream stream)
    {
        var buffer = new byte[4096];
        var length = await stream.ReadAsync(buffer);
        return Encoding.ASCII.GetString(buffer, 0, length);
    }

    [Fact]
    public async Task What_describes_an_upload_is_a_little_JSON_or_refused()
    {
        await using var service = await RunningService.StartAsync();
        foreach (var description in (string[])[new string(' ', 1 << 20), "{", string.Concat(Enumerable.Repeat("[", 10_000)), "[1]"])
        {
            using var body = new MultipartContent("related") { new StringContent(description, Encoding.UTF8, "application/json"), new ByteArrayContent([1]) };
            using var refused = await service.Http.PostAsync("/upload/storage/v1/b/p/o?uploadType=multipart", body);
            Assert.Equal(400, (int)refused.StatusCode);
        }

        Assert.Equal("{}", (await service.DoAsync("GET", "/storage/v1/b/p/o")).ToJsonString());
    }

    [Fact]
    public async Task A_million_keys_are_refused()
    {
        await using var service = await RunningService.StartAsync(options => options with { MaxBodyBytes = 32 << 20 });
        var keys = string.Join(',', Enumerable.Range(0, 1_000_000).Select(index => $"\"k{index}\":1"));
        await service.RefuseAsync(400, "POST", "/v1/projects/p/models", $$"""{ {{keys}} }""");
        await service.RefuseAsync(400, "POST", "/v1/projects/p/models", $$"""{"name":"m","labels":{ {{keys.Replace(":1", ":\"1\"")}} } }""");
    }
}
