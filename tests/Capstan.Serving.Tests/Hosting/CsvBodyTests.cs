using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Capstan.Data;
using Capstan.Models;
using Capstan.Serving.Tests.Models;

namespace Capstan.Serving.Tests.Hosting;

public sealed class CsvBodyTests : IAsyncLifetime
{
    const string Header = "distance,passengers,vendor,night,pickup";
    const string Row = "2.5,1,Acme,true,2001-03-31T23:59:00";
    const float Answer = 5 + 1 + 4 + 0.5f + 0.23f;

    PredictionServer _server = null!; // Set before any test runs.
    HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await PredictionServer.StartAsync(
            [
                new TripModel(),
                new TripModel { Name = "late", Output = ModelOutput.LogOdds, Labels = new ClassLabels("on time", "late, too", DataType.Text), Bend = value => value / 100 },
            ],
            new PredictionServerOptions(), CancellationToken.None);
        _client = new HttpClient { BaseAddress = _server.Url };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    async Task<(HttpStatusCode Status, string Answer)> PostAsync(string csv, string type = "text/csv", string model = "trips")
    {
        using var content = new StringContent(csv);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var response = await _client.PostAsync($"/v1/models/{model}:predict", content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    async Task<string> CodeAsync(string csv, string type = "text/csv")
    {
        var (status, answer) = await PostAsync(csv, type);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        return JsonDocument.Parse(answer).RootElement.GetProperty("code").GetString()!; // Every refusal has a code.
    }

    [Theory]
    [InlineData("text/csv", $"{Header}\n{Row}\n", true)]
    [InlineData("text/csv; charset=utf-8; header=present", $"{Header}\r\n{Row}", true)]
    [InlineData("text/csv", $"{Row}\n", false)]
    [InlineData("text/csv", $"\uFEFF{Row}\n", false)]
    [InlineData("text/csv", $"\uFEFF{Header}\n{Row}\n", true)]
    [InlineData("text/csv; header=absent", $"\n{Row}\n\r\n", false)]
    [InlineData("text/csv", $"vendor,fare,pickup,night,passengers,distance\n\"Acme\",9,2001-03-31T23:59:00,yes,1,2.5\n", true)]
    public async Task A_header_or_the_signature_says_which_field_is_which(string type, string csv, bool answersHeader) => Assert.Equal(
        (HttpStatusCode.OK, (answersHeader ? "prediction\n" : "") + string.Create(CultureInfo.InvariantCulture, $"{Answer}\n")), await PostAsync(csv, type));

    [Fact]
    public async Task Cells_are_read_as_those_of_files()
    {
        var (_, answer) = await PostAsync($"{Header}\n,,,,\nNA,null,\"\",?,n/a\n 2.5 , 1 ,\"A\"\"c,\nme\",T,2001-03-31T23:59:00\n", model: "trips");
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"prediction\n0\n0\n{5 + 1 + 7 + 0.5f + 0.23f}\n"), answer);
    }

    [Fact]
    public async Task A_body_of_any_length_is_answered_row_by_row()
    {
        const int Rows = 20_000;
        var csv = new StringBuilder(Header);
        for (var row = 0; row < Rows; row++)
        {
            csv.Append(CultureInfo.InvariantCulture, $"\n{row},0,\"a\nb\",no,2001-01-01");
        }

        var (_, answer) = await PostAsync(csv.ToString());
        Assert.Equal(["prediction", .. Enumerable.Range(0, Rows).Select(row => ((float)(row * 2 + 3)).ToString(CultureInfo.InvariantCulture)), ""], answer.Split('\n'));
    }

    [Fact]
    public async Task A_classifier_answers_the_columns_that_a_batch_prediction_has()
    {
        Assert.Equal("probability,predicted\n0.1073,on time\n", (await PostAsync($"{Header}\n{Row}\n", model: "late")).Answer);
        Assert.Equal("0.5,\"late, too\"\n", (await PostAsync("25,0,,no,2001-03-31\n", model: "late")).Answer);
        var colours = new TripModel { Output = ModelOutput.Classes(3), Labels = new ClassLabels(["red", "green", "blue"], DataType.Text) };
        var answer = new CsvPredictionWriter(colours, new PredictionWriter(colours)).Write([0.25f, 0.5f, 0.25f], [], 0, withHeader: true);
        Assert.Equal(
            "probability,predicted,probability_red,probability_green,probability_blue\n0.5,green,0.25,0.5,0.25\n", Encoding.UTF8.GetString(answer.Span));
    }

    [Fact]
    public async Task No_rows_have_no_answers()
    {
        Assert.Equal((HttpStatusCode.OK, ""), await PostAsync(""));
        Assert.Equal((HttpStatusCode.OK, "prediction\n"), await PostAsync($"{Header}\n"));
    }

    [Fact]
    public async Task A_mistake_is_refused_by_its_code_and_row()
    {
        Assert.Equal("wrong_type", await CodeAsync($"{Header}\n{Row}\n2.5,1.5,Acme,true,2001-03-31\n"));
        Assert.Equal("wrong_type", await CodeAsync("inf,1,Acme,true,2001-03-31\n"));
        Assert.Equal("invalid_csv", await CodeAsync($"{Row},7\n"));
        Assert.Equal("invalid_csv", await CodeAsync("2.5,1\n"));
        Assert.Equal("invalid_csv", await CodeAsync("2.5,1,A\"c,true,\"me\"\n"));
        Assert.Equal("invalid_csv", await CodeAsync("2.5,1,\"Acme,true,2001-03-31\n"));
        Assert.Equal("unknown_field", await CodeAsync("distnace,passengers\n", "text/csv;header=present"));
        Assert.Equal("missing_field", await CodeAsync("distance,passengers\n"));
        Assert.Equal("duplicate_field", await CodeAsync($"{Header},distance\n"));
        using var content = new StringContent($"{Row}\n{Row}\nx,1,Acme,true,2001-03-31\n");
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        using var response = await _client.PostAsync("/v1/models/trips:predict", content);
        var refusal = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((2, "distance"), (refusal.GetProperty("instanceIndex").GetInt32(), refusal.GetProperty("field").GetString()));
    }
}
