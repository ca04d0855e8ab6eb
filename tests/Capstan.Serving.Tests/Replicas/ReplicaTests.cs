using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Capstan.Models;

namespace Capstan.Serving.Tests.Replicas;

public sealed class ReplicaTests : IAsyncLifetime
{
    const string Token = "secret";
    const string Linear = "artifact-v1-2-linear";
    const string Dnn = "artifact-v1-2-dnn";

    Replica _replica = null!; // Set before any test runs.
    HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _replica = await Replica.StartAsync(new ReplicaOptions { Token = Token }, CancellationToken.None);
        _client = new HttpClient { BaseAddress = _replica.Url };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _replica.DisposeAsync();
    }

    static RoutingTable Table(long generation, Split split, params RoutedVersion[] versions) =>
        new(generation, [new ModelRoute("m", [.. versions], [new VersionLabel("stable", versions[0].Version)], split)]);

    static ByteArrayContent Body(string artifact, int rows = 3)
    {
        var body = new ArrayBufferWriter<byte>();
        var model = GoldenArtifacts.Model("m", artifact);
        InstanceWriter.Write(GoldenArtifacts.Rows(model.Inputs, rows, 1), 0, rows, body);
        return new ByteArrayContent(body.WrittenSpan.ToArray());
    }

    async Task<(HttpStatusCode Status, string? Version, string Answer)> AskAsync(string path, HttpContent? body = null, string? user = null)
    {
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, path) { Content = body };
        if (user is not null)
        {
            request.Headers.Add("X-User", user);
        }

        using var response = await _client.SendAsync(request);
        response.Headers.TryGetValues("X-Capstan-Version", out var version);
        return (response.StatusCode, version?.Single(), await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task It_starts_empty_takes_a_table_and_answers()
    {
        Assert.Equal("""{"models":[]}""", (await AskAsync("/v1/models")).Answer);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync("/v1/models/m:predict", Body(Linear))).Status);
        Assert.True(await _replica.ApplyAsync(Table(1, Split.AllTo("v1"), GoldenArtifacts.Version("v1", Linear)), CancellationToken.None));
        var answer = await AskAsync("/v1/models/m:predict", Body(Linear));
        Assert.Equal((HttpStatusCode.OK, "v1"), (answer.Status, answer.Version));
        Assert.Equal(answer.Answer, (await AskAsync("/v1/models/m/versions/v1:predict", Body(Linear))).Answer);
        Assert.Equal(answer.Answer, (await AskAsync("/v1/models/m/labels/stable:predict", Body(Linear))).Answer);
        Assert.Equal(answer.Answer, (await AskAsync("/v1/projects/p/models/m:predict", Body(Linear))).Answer);
        Assert.Equal(answer.Answer, (await AskAsync("/v1/projects/p/models/m/versions/v1:predict", Body(Linear))).Answer);
        Assert.Contains("unknown_version", (await AskAsync("/v1/models/m/versions/v9:predict", Body(Linear))).Answer);
    }

    [Fact]
    public async Task Tables_over_http_need_the_token()
    {
        var table = Table(1, Split.AllTo("v1"), GoldenArtifacts.Version("v1", Linear));
        foreach (var (token, expected) in new[] { ("wrong", HttpStatusCode.Unauthorized), (Token, HttpStatusCode.OK) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, "/v1beta/table") { Content = new ByteArrayContent(table.ToJson()) };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await _client.SendAsync(request);
            Assert.Equal(expected, response.StatusCode);
        }

        Assert.Equal(1, _replica.Table.Generation);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync("/v1beta/state")).Status);
    }

    [Fact]
    public async Task A_version_that_cannot_be_loaded_leaves_the_table_as_it_was()
    {
        var good = GoldenArtifacts.Version("v1", Linear);
        await _replica.ApplyAsync(Table(1, Split.AllTo("v1"), good), CancellationToken.None);
        foreach (var bad in new[] { good with { Version = "v2", Hash = new string('0', 64) }, good with { Version = "v2", Artifact = "/nowhere" } })
        {
            var problem = await Assert.ThrowsAsync<VersionNotReadyException>(
                () => _replica.ApplyAsync(Table(2, Split.AllTo("v2"), good, bad), CancellationToken.None));
            Assert.Equal("v2", problem.Version);
            Assert.Equal("v1", (await AskAsync("/v1/models/m:predict", Body(Linear))).Version);
        }
    }

    [Fact]
    public async Task An_older_table_is_left_alone()
    {
        var version = GoldenArtifacts.Version("v1", Linear);
        Assert.True(await _replica.ApplyAsync(Table(5, Split.AllTo("v1"), version), CancellationToken.None));
        Assert.False(await _replica.ApplyAsync(Table(4, Split.None, version), CancellationToken.None));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync("/v1/models/m:predict", Body(Linear))).Status);
    }

    [Fact]
    public async Task The_same_user_meets_the_same_version_and_the_shares_are_kept()
    {
        var split = new Split([new Share("v1", 900), new Share("v2", 100)], "header:X-User", []);
        await _replica.ApplyAsync(Table(1, split, GoldenArtifacts.Version("v1", Linear), GoldenArtifacts.Version("v2", Linear)), CancellationToken.None);
        var second = 0;
        for (var user = 0; user < 300; user++)
        {
            var first = (await AskAsync("/v1/models/m:predict", Body(Linear), $"user-{user}")).Version;
            Assert.Equal(first, (await AskAsync("/v1/models/m:predict", Body(Linear), $"user-{user}")).Version);
            second += first == "v2" ? 1 : 0;
        }

        Assert.InRange(second, 15, 50);
    }

    [Fact]
    public async Task Versions_are_swapped_a_hundred_times_under_load_without_an_error()
    {
        RoutedVersion[] versions = [GoldenArtifacts.Version("v1", Linear), GoldenArtifacts.Version("v2", Linear)];
        await _replica.ApplyAsync(Table(1, Split.AllTo("v1"), versions), CancellationToken.None);
        using var done = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(async _ =>
        {
            var answered = 0;
            for (; !done.IsCancellationRequested; answered++)
            {
                var (status, _, answer) = await AskAsync("/v1/models/m:predict", Body(Linear, 1));
                Assert.True(status == HttpStatusCode.OK, answer);
            }

            return answered;
        }).ToArray();
        for (var generation = 2; generation <= 101; generation++)
        {
            // Always one version only, so that the other is unloaded and loaded again.
            var version = versions[generation % 2];
            await _replica.ApplyAsync(Table(generation, Split.AllTo(version.Version), version), CancellationToken.None);
            Assert.Equal(version.Version, (await AskAsync("/v1/models/m:predict", Body(Linear, 1))).Version);
        }

        await done.CancelAsync();
        Assert.All(await Task.WhenAll(clients), answered => Assert.True(answered > 0));
    }

    [Fact]
    public async Task A_model_without_traffic_says_so_and_its_versions_still_answer_by_name()
    {
        await _replica.ApplyAsync(Table(1, Split.None, GoldenArtifacts.Version("v1", Linear)), CancellationToken.None);
        Assert.Contains("no_traffic", (await AskAsync("/v1/models/m:predict", Body(Linear))).Answer);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync("/v1/models/m/versions/v1:predict", Body(Linear))).Status);
    }

    [Fact]
    public async Task A_refusal_names_the_version_that_refused()
    {
        await _replica.ApplyAsync(Table(1, Split.AllTo("v1"), GoldenArtifacts.Version("v1", Linear)), CancellationToken.None);
        Assert.Equal((HttpStatusCode.BadRequest, "v1"), await AskAsync("/v1/models/m:predict", new StringContent("{}")) is var (status, version, _) ? (status, version) : default);
    }

    [Fact]
    public async Task A_caller_whose_time_is_over_is_told_so()
    {
        await _replica.ApplyAsync(Table(1, Split.AllTo("v1"), GoldenArtifacts.Version("v1", Linear)), CancellationToken.None);
        foreach (var (timeout, code) in new[] { ("0", "deadline_exceeded"), ("soon", "invalid_timeout"), ("60000", "predictions") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/models/m:predict") { Content = Body(Linear) };
            request.Headers.Add("X-Capstan-Timeout-Ms", timeout);
            using var response = await _client.SendAsync(request);
            Assert.Contains(code, await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task A_shadow_scores_copies_and_its_failures_reach_nobody()
    {
        // The shadow takes other columns than the version that answers: every copy fails in it.
        var split = new Split([new Share("v1", 1000)], null, ["v2"]);
        await _replica.ApplyAsync(Table(1, split, GoldenArtifacts.Version("v1", Linear), GoldenArtifacts.Version("v2", Dnn)), CancellationToken.None);
        for (var request = 0; request < 10; request++)
        {
            Assert.Equal((HttpStatusCode.OK, "v1"), (await AskAsync("/v1/models/m:predict", Body(Linear))) is var (status, version, _) ? (status, version) : default);
        }

        var shadow = await UntilAsync(state => state.GetProperty("versions")[1] is var version && version.GetProperty("shadowed").GetInt64() == 10);
        Assert.Equal(10, shadow.GetProperty("versions")[0].GetProperty("answered").GetInt64());
    }

    [Fact]
    public async Task More_models_than_memory_holds_all_answer_and_the_least_recently_asked_go()
    {
        var bytes = ModelMemory.BytesOf(GoldenArtifacts.Version("v1", Linear));
        await using var small = await Replica.StartAsync(new ReplicaOptions { Token = Token, MemoryLimitBytes = bytes * 10 }, CancellationToken.None);
        var models = Enumerable.Range(0, 40).Select(index => new ModelRoute(
            $"m{index}", [GoldenArtifacts.Version("v1", Linear)], [], Split.AllTo("v1")));
        await small.ApplyAsync(new RoutingTable(1, [.. models]), CancellationToken.None);
        using var client = new HttpClient { BaseAddress = small.Url };
        for (var round = 0; round < 2; round++)
        {
            for (var index = 0; index < 40; index++)
            {
                using var response = await client.PostAsync($"/v1/models/m{index}:predict", Body(Linear));
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            }
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1beta/state");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        using var answer = await client.SendAsync(request);
        var state = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(bytes * 10, state.GetProperty("modelBytes").GetInt64());
        Assert.Equal(10, state.GetProperty("versions").EnumerateArray().Count(version => version.GetProperty("loaded").GetBoolean()));
        Assert.InRange(state.GetProperty("unloads").GetInt64(), 60, 80);
    }

    [Fact]
    public async Task A_bare_address_answers_as_many_bytes_as_are_asked_for_and_only_of_a_replica_with_a_token()
    {
        using var answer = await _client.PostAsync("/bare/26", Body(Linear));
        Assert.Equal((HttpStatusCode.OK, 26), (answer.StatusCode, (await answer.Content.ReadAsByteArrayAsync()).Length));
        Assert.Contains("unknown_address", (await AskAsync("/bare/65537", Body(Linear))).Answer);
        await using var without = await Replica.StartAsync(new ReplicaOptions(), CancellationToken.None);
        using var refused = await _client.PostAsync(new Uri(without.Url, "/bare/26"), Body(Linear));
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
    }

    [Fact]
    public async Task A_table_file_is_followed()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, Table(1, Split.AllTo("v1"), GoldenArtifacts.Version("v1", Linear)).ToJson());
            await using var follower = await Replica.StartAsync(new ReplicaOptions { TableFile = file }, CancellationToken.None);
            Assert.Equal(1, follower.Table.Generation);
            await File.WriteAllBytesAsync(file, Table(2, Split.None, GoldenArtifacts.Version("v1", Linear)).ToJson());
            File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file).AddSeconds(2));
            while (follower.Table.Generation != 2)
            {
                await Task.Delay(10); // Until the next look at the file, a quarter of a second apart.
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    async Task<JsonElement> UntilAsync(Func<JsonElement, bool> holds)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1beta/state");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
            using var response = await _client.SendAsync(request);
            var state = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
            if (holds(state))
            {
                return state;
            }
        }
    }
}
