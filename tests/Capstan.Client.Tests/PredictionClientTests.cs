using System.Net;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Capstan.Client.Tests;

sealed record Row([property: JsonPropertyName("trip_distance")] double Distance, [property: JsonPropertyName("payment_type")] string Payment);

[JsonSerializable(typeof(Row))]
[JsonSerializable(typeof(double))]
sealed partial class RowJson : JsonSerializerContext;

public sealed class PredictionClientTests
{
    readonly ServerDouble _server = new();

    CapstanConnection Connection => new(
        new HttpClient(_server), new CapstanClientOptions { Address = new Uri("http://server/"), Project = "p", Key = "secret", FirstPause = TimeSpan.Zero });

    PredictionClient<Row, double> Client => new(Connection, "trips", null, RowJson.Default.Row, RowJson.Default.Double);

    [Fact]
    public async Task Rows_are_sent_as_the_interface_has_them_and_predictions_come_back_in_order()
    {
        _server.Answers.Enqueue((200, """{"predictions":[1.5,2]}"""));
        var predictions = await Client.PredictAsync([new Row(2.5, "card"), new Row(1, "cash")], CancellationToken.None);
        Assert.Equal([1.5, 2], predictions);
        Assert.Equal(
            ("POST", "/v1/projects/p/models/trips:predict", "Bearer secret",
                """{"instances":[{"trip_distance":2.5,"payment_type":"card"},{"trip_distance":1,"payment_type":"cash"}]}"""),
            _server.Requests.Single());
    }

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(0)]
    public async Task A_busy_server_is_asked_again_up_to_four_times(int status)
    {
        for (var tries = 0; tries < 3; tries++)
        {
            _server.Answers.Enqueue((status, ""));
        }

        _server.Answers.Enqueue((200, """{"predictions":[1]}"""));
        Assert.Equal(1, await Client.PredictAsync(new Row(1, "cash"), CancellationToken.None));
        Assert.Equal(4, _server.Requests.Count);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(0)]
    public async Task What_changes_something_is_sent_once(int status)
    {
        _server.Answers.Enqueue((status, ""));
        await Assert.ThrowsAnyAsync<Exception>(() => new ResourceClient(Connection).CreateModelAsync("m", null, CancellationToken.None));
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task A_refusal_tells_what_is_wrong_with_which_field()
    {
        _server.Answers.Enqueue((400, """{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"wrong","details":[{"fieldViolations":[{"field":"instances[0].x","description":"d"}]}]}}"""));
        var refusal = await Assert.ThrowsAsync<CapstanServiceException>(() => Client.PredictAsync(new Row(1, "cash"), CancellationToken.None));
        Assert.Equal((400, "INVALID_ARGUMENT", "wrong"), (refusal.HttpStatus, refusal.Status, refusal.Message));
        Assert.Equal([("instances[0].x", "d")], refusal.Violations);
    }

    [Fact]
    public async Task Another_number_of_predictions_than_of_rows_is_no_answer()
    {
        _server.Answers.Enqueue((200, """{"predictions":[1,2]}"""));
        await Assert.ThrowsAsync<CapstanServiceException>(() => Client.PredictAsync(new Row(1, "cash"), CancellationToken.None));
    }

    [Fact]
    public async Task Waiting_can_be_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        _server.Asked = cancellation.Cancel;
        _server.Answers.Enqueue((503, ""));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Client.PredictAsync(new Row(1, "cash"), cancellation.Token));
    }

    [Fact]
    public async Task Lists_are_read_page_by_page()
    {
        _server.Answers.Enqueue((200, """{"models":[{"name":"projects/p/models/a"}],"nextPageToken":"t&"}"""));
        _server.Answers.Enqueue((200, """{"models":[{"name":"projects/p/models/b"}]}"""));
        var names = new List<string>();
        await foreach (var model in new ResourceClient(Connection).ListModelsAsync(CancellationToken.None))
        {
            names.Add(model.Name);
        }

        Assert.Equal(["projects/p/models/a", "projects/p/models/b"], names);
        Assert.EndsWith("&pageToken=t%26", _server.Requests[1].Path);
    }

    [Fact]
    public async Task Dependency_injection_gives_the_same_client()
    {
        var services = new ServiceCollection();
        services.AddCapstan(new CapstanClientOptions { Address = new Uri("http://server/"), Project = "p" }).ConfigurePrimaryHttpMessageHandler(() => _server);
        services.AddPredictions("trips", "v1", RowJson.Default.Row, RowJson.Default.Double);
        await using var provider = services.BuildServiceProvider();
        _server.Answers.Enqueue((200, """{"predictions":[7]}"""));
        Assert.Equal(7, await provider.GetRequiredService<PredictionClient<Row, double>>().PredictAsync(new Row(1, "cash"), CancellationToken.None));
        Assert.Equal("/v1/projects/p/models/trips/versions/v1:predict", _server.Requests.Single().Path);
    }

    /// <summary>Answers what it is told to, in order; 0 stands for a connection that breaks.</summary>
    sealed class ServerDouble : HttpMessageHandler
    {
        public Queue<(int Status, string Body)> Answers { get; } = new();

        public List<(string Method, string Path, string? Authorization, string? Body)> Requests { get; } = [];

        public Action? Asked { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
            Requests.Add((request.Method.Method, request.RequestUri!.PathAndQuery, request.Headers.Authorization?.ToString(), body));
            Asked?.Invoke();
            var (status, answer) = Answers.Dequeue();
            return status == 0 ? throw new HttpRequestException("The connection broke.")
                : new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(answer) };
        }
    }
}
