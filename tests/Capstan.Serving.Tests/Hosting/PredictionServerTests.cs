using System.Buffers;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Capstan.Data;
using Capstan.Models;
using Capstan.Serving.Tests.Models;

namespace Capstan.Serving.Tests.Hosting;

public sealed class PredictionServerTests : IAsyncLifetime
{
    static readonly TripModel Trips = new();
    static readonly TripModel Late = new()
    {
        Name = "late", Output = ModelOutput.LogOdds, Labels = new ClassLabels("false", "true", DataType.Boolean),
        Bend = _ => 0.75f,
    };

    PredictionServer _server = null!; // Set before any test runs.
    HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await PredictionServer.StartAsync([Trips, Late], new PredictionServerOptions(), CancellationToken.None);
        _client = new HttpClient { BaseAddress = _server.Url };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    static ByteArrayContent Body(ColumnBatch rows, int first, int count)
    {
        var body = new ArrayBufferWriter<byte>();
        InstanceWriter.Write(rows, first, count, body);
        return new ByteArrayContent(body.WrittenSpan.ToArray());
    }

    static ColumnBatch ManyRows(int count)
    {
        var builder = new BatchBuilder(TripModel.TripInputs);
        for (var row = 0; row < count; row++)
        {
            builder.Columns[0].Append(row / 7.0);
            builder.Columns[1].Append(row % 5);
            builder.Columns[2].Append(new string('v', row % 11));
            builder.Columns[3].Append(row % 3 == 0);
            builder.Columns[4].Append(row * 61_000_000L);
        }

        return builder.Batch;
    }

    async Task<float[]> PredictAsync(ColumnBatch rows, int first, int count)
    {
        using var response = await _client.PostAsync("/v1/models/trips:predict", Body(rows, first, count));
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return [.. answer.GetProperty("predictions").EnumerateArray().Select(element => element.GetSingle())];
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task Every_instance_gets_the_models_own_bits_in_order(int count)
    {
        var rows = ManyRows(count);
        var expected = Enumerable.Range(0, count).Select(row => TripModel.Formula(rows, row));
        Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), (await PredictAsync(rows, 0, count)).Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public async Task Sixty_four_clients_at_once_get_their_own_answers()
    {
        var rows = ManyRows(64 * 20);
        await Task.WhenAll(Enumerable.Range(0, 64).Select(async client =>
        {
            for (var request = 0; request < 20; request++)
            {
                // A different number of rows in every request, so that a lane's leftovers would show.
                var first = client * 20 + request;
                var count = Math.Min(1 + first % 13, rows.RowCount - first);
                Assert.Equal(Enumerable.Range(first, count).Select(row => TripModel.Formula(rows, row)), await PredictAsync(rows, first, count));
            }
        }));
    }

    [Fact]
    public async Task A_classifier_answers_probability_and_label()
    {
        using var response = await _client.PostAsync("/v1/models/late:predict", Body(Late.Examples, 0, 1));
        Assert.Equal("""{"predictions":[{"probability":0.75,"label":true}]}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_answer_names_the_models_version_and_the_request()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/models/trips:predict") { Content = Body(Trips.Examples, 0, 1) };
        request.Headers.Add("X-Request-Id", "order-4711");
        using var response = await _client.SendAsync(request);
        Assert.Equal("5f2c9a", response.Headers.GetValues("X-Capstan-Model-Version").Single());
        Assert.Equal("order-4711", response.Headers.GetValues("X-Request-Id").Single());
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("two words")]
    public async Task A_request_without_a_usable_id_gets_one(string? id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz");
        if (id is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Request-Id", id);
        }

        using var response = await _client.SendAsync(request);
        Assert.NotEmpty(response.Headers.GetValues("X-Request-Id").Single());
        Assert.NotEqual(id, response.Headers.GetValues("X-Request-Id").Single());
    }

    [Fact]
    public async Task The_signatures_example_is_a_request_that_works()
    {
        var signature = await _client.GetFromJsonAsync<JsonElement>("/v1/models/trips");
        using var content = new StringContent(signature.GetProperty("example").GetRawText());
        using var response = await _client.PostAsync(signature.GetProperty("predict").GetString(), content);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(TripModel.Formula(Trips.Examples, 0), answer.GetProperty("predictions")[0].GetSingle());
    }

    [Fact]
    public async Task A_large_body_in_chunks_is_read_whole()
    {
        var rows = ManyRows(10_000);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/models/trips:predict") { Content = Body(rows, 0, 10_000) };
        Assert.InRange(request.Content.Headers.ContentLength ?? 0, 1_000_000, 1_572_864);
        request.Headers.TransferEncodingChunked = true;
        using var response = await _client.SendAsync(request);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(TripModel.Formula(rows, 9_999), answer.GetProperty("predictions")[9_999].GetSingle());
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused_and_says_the_limit()
    {
        await using var small = await PredictionServer.StartAsync(
            [Trips], new PredictionServerOptions { MaxBodyBytes = 100 }, CancellationToken.None);
        using var client = new HttpClient { BaseAddress = small.Url };
        using var fits = new StringContent("""{"instances":[]}""".PadRight(100), Encoding.UTF8);
        using var response = await client.PostAsync("/v1/models/trips:predict", fits);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        using var tooLong = new StringContent("""{"instances":[]}""".PadRight(101), Encoding.UTF8);
        using var refusal = await client.PostAsync("/v1/models/trips:predict", tooLong);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refusal.StatusCode);
        var problem = await refusal.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("body_too_large", problem.GetProperty("code").GetString());
        Assert.Contains("100 bytes", problem.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_caller_that_sends_far_too_much_still_gets_the_refusal(bool chunked)
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/models/trips:predict") { Content = new ByteArrayContent(new byte[5_000_000]) };
            request.Headers.TransferEncodingChunked = chunked;
            using var refusal = await _client.SendAsync(request);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refusal.StatusCode);
        }
    }

    [Fact]
    public async Task A_model_that_fails_is_an_internal_error_that_tells_nothing_of_the_inside()
    {
        var broken = new TripModel { Name = "broken", Bend = _ => throw new InvalidOperationException("secret") };
        await using var server = await PredictionServer.StartAsync([broken], new PredictionServerOptions(), CancellationToken.None);
        using var client = new HttpClient { BaseAddress = server.Url };
        for (var attempt = 0; attempt < 2; attempt++)
        {
            using var response = await client.PostAsync("/v1/models/broken:predict", Body(broken.Examples, 0, 1));
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
            Assert.DoesNotContain("secret", await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task A_stopped_server_takes_no_more_requests_and_its_port_is_free_again()
    {
        var first = await OnPortOfItsOwnAsync();
        var taken = new PredictionServerOptions { Port = first.Url.Port };
        var refusal = await Assert.ThrowsAsync<PortUnavailableException>(
            () => PredictionServer.StartAsync([Trips], taken, CancellationToken.None));
        Assert.Contains($"127.0.0.1:{first.Url.Port}", refusal.Message);

        await first.StopAsync(CancellationToken.None);
        await Assert.ThrowsAsync<HttpRequestException>(() => _client.GetAsync(new Uri(first.Url, "/healthz")));
        await using var second = await PredictionServer.StartAsync([Trips], taken, CancellationToken.None);
        Assert.Equal(first.Url, second.Url);
        await first.DisposeAsync();
    }

    /// <summary>At a port that the system gives to nobody who asks for any, so that nobody else has it in between.</summary>
    static async Task<PredictionServer> OnPortOfItsOwnAsync()
    {
        for (var port = 10_000 + Environment.ProcessId % 9_000; ; port++)
        {
            try
            {
                return await PredictionServer.StartAsync([Trips], new PredictionServerOptions { Port = port }, CancellationToken.None);
            }
            catch (PortUnavailableException) when (port < 20_000)
            {
                // Somebody else's.
            }
        }
    }

    [Fact]
    public async Task Stopping_lets_a_request_in_progress_finish()
    {
        using var scoring = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var slow = new TripModel
        {
            Name = "slow",
            Bend = value =>
            {
                scoring.Set();
                release.Wait();
                return value;
            },
        };
        await using var server = await PredictionServer.StartAsync([slow], new PredictionServerOptions(), CancellationToken.None);
        using var client = new HttpClient { BaseAddress = server.Url };
        var answer = client.PostAsync("/v1/models/slow:predict", Body(slow.Examples, 0, 1));
        await Task.Run(scoring.Wait);
        var stopping = server.StopAsync(CancellationToken.None);
        Assert.False(stopping.IsCompleted);
        release.Set();
        Assert.Equal(HttpStatusCode.OK, (await answer).StatusCode);
        await stopping;
    }

    [Fact]
    public async Task A_caller_that_leaves_in_the_middle_of_a_body_disturbs_nobody()
    {
        using (var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp))
        {
            await socket.ConnectAsync(IPAddress.Loopback, _server.Url.Port);
            await socket.SendAsync("POST /v1/models/trips:predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"instances\":["u8.ToArray());
        }

        Assert.Single(await PredictAsync(Trips.Examples, 0, 1));
    }

    [Fact]
    public async Task Models_that_cannot_be_told_apart_or_named_are_refused_at_the_start()
    {
        foreach (var models in new IServedModel[][] { [], [Trips, new TripModel()], [new TripModel { Name = "a/b" }], [new TripModel { Name = "" }] })
        {
            await Assert.ThrowsAsync<ArgumentException>(
                () => PredictionServer.StartAsync(models, new PredictionServerOptions(), CancellationToken.None));
        }
    }

    static StringContent Lines(string text) => new(text, Encoding.UTF8, "application/x-ndjson");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(512)]
    [InlineData(50_000)]
    public async Task A_body_of_json_lines_is_answered_line_by_line_whatever_its_length(int count)
    {
        var rows = ManyRows(count);
        var body = new StringBuilder();
        for (var row = 0; row < count; row++)
        {
            var bytes = new ArrayBufferWriter<byte>();
            InstanceWriter.Write(rows, row, 1, bytes);
            body.Append(Encoding.UTF8.GetString(bytes.WrittenSpan["{\"instances\":[".Length..^2])).Append(row % 2 == 0 ? "\n" : "\r\n\n");
        }

        using var response = await _client.PostAsync("/v1/models/trips:predict", Lines(body.ToString().TrimEnd()));
        Assert.Equal("application/jsonl", response.Content.Headers.ContentType!.ToString());
        var answers = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            Enumerable.Range(0, count).Select(row => TripModel.Formula(rows, row)),
            answers.Select(line => JsonDocument.Parse(line).RootElement.GetSingle()));
    }

    [Fact]
    public async Task A_bad_line_is_refused_with_its_number_and_after_the_first_answers_it_ends_the_connection()
    {
        var example = new ArrayBufferWriter<byte>();
        InstanceWriter.Write(Trips.Examples, 0, 1, example);
        var good = Encoding.UTF8.GetString(example.WrittenSpan["{\"instances\":[".Length..^2]);
        using var refusal = await _client.PostAsync("/v1/models/trips:predict", Lines($"{good}\n{good}\n[]\n"));
        Assert.Equal(HttpStatusCode.BadRequest, refusal.StatusCode);
        Assert.Equal(2, (await refusal.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("instanceIndex").GetInt32());
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => _client.PostAsync(
            "/v1/models/trips:predict", Lines(string.Concat(Enumerable.Repeat($"{good}\n", 20_000)) + "{}\n")));
    }
}
