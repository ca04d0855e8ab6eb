using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Capstan.Data;
using Capstan.Models;
using Capstan.Serving.Tests.Models;

namespace Capstan.Serving.Tests.Hosting;

/// <summary>What callers see, request by request, as a golden file: addresses, statuses, bodies, and the words of every refusal.</summary>
public sealed partial class HttpDialogueTests
{
    const string Good = """{"distance":2.5,"passengers":1,"vendor":"Acme","night":true,"pickup":"2001-03-31T23:59:00"}""";

    static string With(string field, string json) => "{\"instances\":[" + Good + "," + FieldPattern(field).Replace(Good, $"\"{field}\":{json}") + "]}";

    static Regex FieldPattern(string field) => new($"\"{field}\":(\"[^\"]*\"|[^,}}]*)");

    static readonly (string Method, string Path, string? Body)[] Requests =
    [
        ("GET", "/healthz", null),
        ("GET", "/v1/models", null),
        ("GET", "/v1/models/trips", null),
        ("GET", "/v1/models/late", null),
        ("GET", "/v1/models/tirps", null),
        ("GET", "/", null),
        ("GET", "/v1/models/", null),
        ("GET", "/v1/models/trips/versions/1", null),
        ("DELETE", "/v1/models/trips", null),
        ("GET", "/v1/models/trips:predict", null),
        ("POST", "/v1/models/trips:forget", "{}"),
        ("GET", "/v1/models/trips:explain", null),
        ("POST", "/v1/models/trips:explain", "{}"),
        ("POST", "/v1/models/trips:explain", """{"instances":[]}"""),
        ("POST", "/v1/models/trips:explain", $$"""{"instances":[{{Good}},{{Good}}]}"""),
        ("POST", "/v1/models/late:explain", $$"""{"instances":[{{Good}}]}"""),
        ("POST", "/v1/models/silent:explain", $$"""{"instances":[{{Good}}]}"""),
        ("POST", "/v1/models/broken:explain", $$"""{"instances":[{{Good}}]}"""),
        ("POST", "/v1/models/nobody:predict", """{"instances":[]}"""),
        ("POST", "/v1/models/trips:predict", """{"instances":[]}"""),
        ("POST", "/v1/models/trips:predict", $$"""{"instances":[{{Good}},{{Good}}]}"""),
        ("POST", "/v1/models/late:predict", $$"""{"signature_name":"serving_default","instances":[{{Good}}]}"""),
        ("POST", "/v1/models/trips:predict", ""),
        ("POST", "/v1/models/trips:predict", "[]"),
        ("POST", "/v1/models/trips:predict", "{}"),
        ("POST", "/v1/models/trips:predict", "{\"instances\":"),
        ("POST", "/v1/models/trips:predict", $$"""{"instances":[{{Good}},]}"""),
        ("POST", "/v1/models/trips:predict", $$"""{"instances":[{{Good}}]} {}"""),
        ("POST", "/v1/models/trips:predict", "distance=2.5&passengers=1"),
        ("POST", "/v1/models/trips:predict", $$"""{"instances":{{Good}}}"""),
        ("POST", "/v1/models/trips:predict", """{"instances":[],"instances":[]}"""),
        ("POST", "/v1/models/trips:predict", """{"inputs":{"distance":[1]}}"""),
        ("POST", "/v1/models/trips:predict", """{"instances":[],"signature_name":"other"}"""),
        ("POST", "/v1/models/trips:predict", """{"instances":[],"signature_name":7}"""),
        ("POST", "/v1/models/trips:predict", """{"instances":[[1,2,3]]}"""),
        ("POST", "/v1/models/trips:predict", """{"instances":["2.5,1,Acme"]}"""),
        ("POST", "/v1/models/trips:predict", "{\"instances\":" + new string('[', 100) + new string(']', 100) + "}"),
        ("POST", "/v1/models/trips:predict", """{"instances":[{}]}"""),
        ("POST", "/v1/models/trips:predict", $$"""{"instances":[{{Good}},{"distance":1,"passengers":1,"vendor":"x","pickup":null}]}"""),
        ("POST", "/v1/models/trips:predict", $$"""{"instances":[{{Good.Replace("vendor", "vendr")}}]}"""),
        ("POST", "/v1/models/trips:predict", $$"""{"instances":[{{Good.Replace("{", "{\"distance\":1,")}}]}"""),
        ("POST", "/v1/models/trips:predict", With("distance", "\"2.5\"")),
        ("POST", "/v1/models/trips:predict", With("distance", "NaN")),
        ("POST", "/v1/models/trips:predict", With("distance", "-Infinity")),
        ("POST", "/v1/models/trips:predict", With("distance", "1e999")),
        ("POST", "/v1/models/trips:predict", With("distance", "01")),
        ("POST", "/v1/models/trips:predict", With("distance", "true")),
        ("POST", "/v1/models/trips:predict", With("passengers", "3.5")),
        ("POST", "/v1/models/trips:predict", With("passengers", "\"3\"")),
        ("POST", "/v1/models/trips:predict", With("passengers", "9223372036854775808")),
        ("POST", "/v1/models/trips:predict", With("passengers", "1e400")),
        ("POST", "/v1/models/trips:predict", With("vendor", "12")),
        ("POST", "/v1/models/trips:predict", With("vendor", "{\"b64\":\"QQ==\"}")),
        ("POST", "/v1/models/trips:predict", With("vendor", "\"\\ud800\"")),
        ("POST", "/v1/models/trips:predict", With("night", "1")),
        ("POST", "/v1/models/trips:predict", With("pickup", "985996740")),
        ("POST", "/v1/models/trips:predict", With("pickup", "\"31.03.2001 23:59\"")),
        ("POST", "/v1/models/trips:predict", With("pickup", "\"2001-02-29\"")),
    ];

    [Fact]
    public Task Every_request_gets_the_answer_on_file() => CheckAsync("http-dialogue.txt", Requests);

    static async Task CheckAsync(string golden, (string Method, string Path, string? Body)[] requests)
    {
        await using var server = await StartAsync();
        using var client = new HttpClient { BaseAddress = server.Url };
        var dialogue = new StringBuilder();
        foreach (var (method, path, body) in requests)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.Add("X-Request-Id", "golden");
            if (body is not null)
            {
                request.Content = new StringContent(body);
            }

            using var response = await client.SendAsync(request);
            dialogue.Append($"{method} {path}\n");
            dialogue.Append(body is null ? "" : $"{body}\n");
            dialogue.Append($"→ {(int)response.StatusCode} {response.Content.Headers.ContentType}\n");
            var answer = await response.Content.ReadAsStringAsync();
            dialogue.Append($"{answer.Replace(server.Url.GetLeftPart(UriPartial.Authority), "http://SERVER")}\n\n");
            RequireBothDialects(response, answer);
        }

        GoldenText.Check(golden, dialogue.ToString());
    }

    [Fact]
    public async Task Bytes_that_are_not_utf8_are_refused_with_their_place()
    {
        await using var server = await StartAsync();
        using var client = new HttpClient { BaseAddress = server.Url };
        using var content = new ByteArrayContent([.. "{\"instances\":[{\"vendor\":\"M"u8, 0xFC, .. "ller\"}]}"u8]);
        using var response = await client.PostAsync("/v1/models/trips:predict", content);
        var answer = await response.Content.ReadAsStringAsync();
        RequireBothDialects(response, answer);
        Assert.Contains("not valid UTF-8 at byte 26", answer);
    }

    static Task<PredictionServer> StartAsync() => PredictionServer.StartAsync(
        [
            new TripModel(),
            new TripModel
            {
                Name = "colours", Output = ModelOutput.Classes(3), Labels = new ClassLabels(["red", "green", "blue"], DataType.Text),
            },
            new TripModel
            {
                Name = "late", Output = ModelOutput.LogOdds, Labels = new ClassLabels("on time", "late", DataType.Text),
                Bend = value => value / 100,
            },
            new TripModel { Name = "silent", Explains = false },
            new TripModel { Name = "broken", Bend = _ => float.PositiveInfinity },
        ],
        new PredictionServerOptions(), CancellationToken.None);

    /// <summary>Every refusal is problem+json with a code, and has the "error" that clients of ml/v1 look for; no success has one.</summary>
    static void RequireBothDialects(HttpResponseMessage response, string answer)
    {
        var json = JsonDocument.Parse(answer).RootElement;
        Assert.Equal(!response.IsSuccessStatusCode, json.TryGetProperty("error", out var error));
        if (!response.IsSuccessStatusCode)
        {
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.ToString());
            Assert.Equal(error.GetString(), json.GetProperty("detail").GetString());
            Assert.Equal((int)response.StatusCode, json.GetProperty("status").GetInt32());
            Assert.NotEmpty(json.GetProperty("code").GetString()!);
        }
    }
}
