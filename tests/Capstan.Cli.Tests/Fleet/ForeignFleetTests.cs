using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Capstan.Data;
using Capstan.Features;
using Capstan.Gateway.Tests.Hosting;
using Capstan.Models;
using Capstan.Models.OnnxRuntime;
using Capstan.Models.OnnxRuntime.Tests;
using Grpc.Net.Client;
using Inference;

namespace Capstan.Cli.Tests.Fleet;

/// <summary>Imported models behind a gateway, beside models of our own: real processes, some of which are killed or do harm.</summary>
public sealed class ForeignFleetTests(ForeignFleet fleet) : IClassFixture<ForeignFleet>
{
    const string Small = """{"instances":[{"X":1}]}""";

    sealed record Number(double X);

    static double ProbabilityOf(string answer) =>
        JsonDocument.Parse(answer).RootElement.GetProperty("predictions")[0].GetProperty("probability").GetDouble();

    [Fact]
    public async Task Half_of_the_traffic_to_the_onnx_version_of_a_model_gives_equal_predictions()
    {
        await MustAsync(fleet.DeployAsync("half", "models/trips"));
        await MustAsync(fleet.DeployAsync("half", "models/imported", 500));
        var trips = await fleet.TripsAsync("half", 200);
        var own = 0;
        foreach (var trip in trips)
        {
            var (status, _, answer, version) = await fleet.AskAsync("half", trip);
            Assert.True(status == 200, answer);
            own += version == "v1" ? 1 : 0;
            var other = version == "v1" ? "v2" : "v1";
            var (_, _, expected, answered) = await fleet.AskAsync($"half/versions/{other}", trip);
            Assert.True(other == answered, expected);
            Assert.Equal(ProbabilityOf(expected), ProbabilityOf(answer), 1e-5);
        }

        Assert.InRange(own, 60, 140); // 100 ± 5.6 standard deviations.
        var foreign = Assert.Single(await RunningForAsync("half"));
        Assert.True(ForeignFleet.HasOnnxRuntime(foreign));
        Assert.False(ForeignFleet.HasOnnxRuntime(ForeignFleet.ParentOf(foreign)));
        Assert.False(ForeignFleet.HasOnnxRuntime(fleet.GatewayId));

        // What the file says of its inputs is what the signature says, in every protocol.
        var (mine, theirs) = (await InputsAsync("half/versions/v1"), await InputsAsync("half/versions/v2"));
        Assert.All(mine.EnumerateArray(), input => Assert.Contains(input.GetRawText(), theirs.GetRawText()));
        Assert.Contains("\"trip_distance\"", await fleet.Client.GetStringAsync("/v2/models/half/versions/v2"));
        using (var channel = GrpcChannel.ForAddress(fleet.Grpc))
        {
            var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
            var request = InferRequests.Of(await client.ModelMetadataAsync(new ModelMetadataRequest { Name = "half", Version = "v2" }), trips[3]);
            request.ModelVersion = "v2";
            var probability = (await client.ModelInferAsync(request)).Outputs[0].Contents.Fp32Contents[0];
            Assert.Equal(ProbabilityOf((await fleet.AskAsync("half/versions/v2", trips[3])).Answer), probability, 1e-6);
        }

        await ScaleAsync("half", new { manualNodes = 0 });
        await Waiting.UntilAsync("the process of the imported version has ended", () => !Directory.Exists($"/proc/{foreign}"));
        await ScaleAsync("half", new { minNodes = 0, maxNodes = 2 });
        await MustAsync(fleet.AskAsync("half/versions/v2", trips[0]));
    }

    [Fact]
    public async Task Killing_the_process_of_an_imported_version_under_load_costs_nobody_an_answer()
    {
        await MustAsync(fleet.DeployAsync("killed", "models/trips"));
        await MustAsync(fleet.DeployAsync("killed", "models/imported", 500));
        var trip = (await fleet.TripsAsync("killed", 2))[1];
        var before = (await fleet.AskAsync("killed/versions/v2", trip)).Answer;
        using var done = new CancellationTokenSource();
        var counts = new int[8];
        var clients = Enumerable.Range(0, counts.Length).Select(async client =>
        {
            var answered = new HashSet<string>();
            while (!done.IsCancellationRequested)
            {
                var (status, _, answer, version) = await fleet.AskAsync("killed", trip);
                Assert.True(status == 200, answer);
                answered.Add(version);
                Interlocked.Increment(ref counts[client]);
            }

            return answered;
        }).ToArray();
        var gone = new HashSet<int>();
        for (var kill = 0; kill < 3; kill++)
        {
            foreach (var process in (await RunningForAsync("killed")).Where(gone.Add))
            {
                using var found = Process.GetProcessById(process);
                found.Kill();
            }

            var after = await fleet.AskAsync("killed/versions/v2", trip);
            Assert.True(before == after.Answer, after.Answer);

            // A request is made once more, not twice: none that was lost with this process may meet the next one's end.
            var seen = counts.ToArray();
            await Waiting.UntilAsync(
                "every client has asked anew since the kill", () => clients.Any(client => client.IsFaulted) || seen.Index().All(each => Volatile.Read(ref counts[each.Index]) >= each.Item + 2));
        }

        await done.CancelAsync();
        Assert.Equal(["v1", "v2"], (await Task.WhenAll(clients)).SelectMany(answered => answered).Distinct().Order());
        Assert.True(gone.Count >= 3, $"{gone.Count} processes were killed.");
    }

    [Fact]
    public async Task A_model_that_never_ends_is_ended_and_keeps_nobody_else_waiting()
    {
        // As many rounds as the input says; each does nothing.
        var round = new OnnxWriter().Input("round", OnnxWriter.Longs).Input("goes", OnnxWriter.Bools).Input("value", OnnxWriter.Floats, -1, 1)
            .Node("Identity", ["goes"], ["goes_on"]).Node("Identity", ["value"], ["next"])
            .Output("goes_on", OnnxWriter.Bools).Output("next", OnnxWriter.Floats, -1, 1);
        await SaveAsync("endless", Largest().Node("Loop", ["size", "", "X"], ["y"], OnnxWriter.Graph("body", round)));
        await HarmsNobodyAsync("endless", """{"instances":[{"X":9e18}]}""", $"computed for more than {ForeignFleet.Seconds} s");
    }

    [Fact]
    public async Task A_model_that_wants_too_much_memory_does_not_get_it()
    {
        await SaveAsync("greedy", Largest().Node("ConstantOfShape", ["size"], ["zeros"]).Node("ReduceSum", ["zeros"], ["sum"], OnnxWriter.Number("keepdims", 0))
            .Node("Add", ["X", "sum"], ["y"]));
        await HarmsNobodyAsync("greedy", """{"instances":[{"X":4e9}]}""", "");
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("endless from the first row")]
    public async Task What_is_no_model_or_never_answers_its_own_examples_is_refused(string what)
    {
        await MustAsync(fleet.DeployAsync("kept", "models/trips"));
        var trip = (await fleet.TripsAsync("kept", 2))[1];
        var model = await ImportAsync(Largest().Node(
            "Loop", ["size", "", "X"], ["y"], OnnxWriter.Graph("body", new OnnxWriter()
                .Input("round", OnnxWriter.Longs).Input("goes", OnnxWriter.Bools).Input("value", OnnxWriter.Floats, -1, 1)
                .Node("Identity", ["goes"], ["goes_on"]).Node("Identity", ["value"], ["next"])
                .Output("goes_on", OnnxWriter.Bools).Output("next", OnnxWriter.Floats, -1, 1))));
        var rows = new BatchBuilder(model.Artifact.Golden.Rows.Schema);
        rows.Columns[0].Append(9e18);
        var artifact = what == "garbage"
            ? model.Artifact with { Predictor = new Garbage((IForeignPredictor)model.Artifact.Predictor) }
            : model.Artifact with { Golden = new GoldenRows(rows.Batch, [9e18f]) };
        ArtifactFolder.Write(artifact, Path.Combine(fleet.Folder, "models", what), overwrite: true);
        var deploying = fleet.DeployAsync("kept", $"models/{what}", 500);
        do
        {
            var asked = await MustAsync(fleet.AskAsync("kept", trip));
            Assert.Equal("v1", asked.Version);
        }
        while (!deploying.IsCompleted);
        var (status, code, answer) = await deploying;
        Assert.True((status, code) == (409, "version_not_ready"), answer);
        await Waiting.UntilAsync(
            "the gateway has no process that tries it", () => !fleet.ForeignProcesses().Any(process => ForeignFleet.ParentOf(process) == fleet.GatewayId));
    }

    /// <summary>Asks a model for what it can't do, while another version and another model are asked.</summary>
    async Task HarmsNobodyAsync(string model, string harmful, string reason)
    {
        await MustAsync(fleet.DeployAsync(model, "models/trips"));
        await MustAsync(fleet.DeployAsync("neighbour", "models/trips"));
        await MustAsync(fleet.DeployAsync(model, $"models/{model}", 0));
        var trip = (await fleet.TripsAsync(model, 2))[1];
        await MustAsync(fleet.AskAsync($"{model}/versions/v2", Small));
        var harm = Enumerable.Range(0, 4).Select(_ => fleet.AskAsync($"{model}/versions/v2", harmful)).ToArray();
        var asked = 0;
        for (; asked < 50 || !harm.All(each => each.IsCompleted); asked++)
        {
            await MustAsync(fleet.AskAsync(model, trip));
            await MustAsync(fleet.AskAsync("neighbour", trip));
        }

        Assert.All(await Task.WhenAll(harm), each => Assert.True((each.Status, each.Code) == (500, "foreign_model_failed"), each.Answer));
        Assert.Contains(await Task.WhenAll(harm), each => each.Answer.Contains(reason, StringComparison.Ordinal));
        await MustAsync(fleet.AskAsync($"{model}/versions/v2", Small));
    }

    static async Task<(int Status, string Code, string Answer, string Version)> MustAsync(Task<(int Status, string Code, string Answer, string Version)> asked)
    {
        var answer = await asked;
        Assert.True(answer.Status == 200, answer.Answer);
        return answer;
    }

    static async Task MustAsync(Task<(int Status, string Code, string Answer)> asked)
    {
        var answer = await asked;
        Assert.True(answer.Status == 200, answer.Answer);
    }

    /// <summary>The processes of imported models at the replicas of one model, which are told by where they listen.</summary>
    async Task<int[]> RunningForAsync(string model)
    {
        var route = await fleet.Client.GetFromJsonAsync<JsonElement>($"/v1beta/routes/{model}");
        int[] ports = [.. route.GetProperty("replicas").GetProperty("addresses").EnumerateArray().Select(each => new Uri(each.GetString()!).Port)];
        return [.. fleet.ForeignProcesses().Where(process => ports.Any(port => ForeignFleet.ListensAt(ForeignFleet.ParentOf(process), port)))];
    }

    async Task<JsonElement> InputsAsync(string target) =>
        (await fleet.Client.GetFromJsonAsync<JsonElement>($"/v1/models/{target}")).GetProperty("inputs");

    async Task ScaleAsync(string model, object scaling)
    {
        using var response = await fleet.Client.PutAsJsonAsync($"/v1beta/routes/{model}/scaling", scaling);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    async Task SaveAsync(string name, OnnxWriter graph) =>
        (await ImportAsync(graph)).Save(Path.Combine(fleet.Folder, "models", name));

    static Task<TrainedModel> ImportAsync(OnnxWriter graph) => TrainedModel.ImportAsync(
        "m", OnnxFile.Of("m.onnx", graph.Output("y", OnnxWriter.Floats, -1, 1).ToBytes(), new OnnxOptions { Scores = OnnxScores.Value }),
        new ImportOptions { Data = Dataset.From([new Number(1), new Number(2)]) }, TestContext.Current.CancellationToken);

    /// <summary>A model that turns the largest of its input into a size.</summary>
    static OnnxWriter Largest() => new OnnxWriter().Input("X", OnnxWriter.Floats, -1, 1)
        .Node("ReduceMax", ["X"], ["largest"], OnnxWriter.Numbers("axes", 0), OnnxWriter.Number("keepdims", 0))
        .Node("Cast", ["largest"], ["size"], OnnxWriter.Number("to", OnnxWriter.Longs));

    /// <summary>A predictor whose model is no model.</summary>
    sealed class Garbage(IForeignPredictor model) : IForeignPredictor
    {
        public string Runtime => model.Runtime;

        public ReadOnlyMemory<byte> Content { get; } = "\u0008\u0009\u00ff this is no protobuf"u8.ToArray();

        public string Binding => model.Binding;

        public ModelOutput Output => model.Output;

        public FeatureLayout Features => model.Features;

        public PredictorWorkspace CreateWorkspace() => model.CreateWorkspace();

        public void Predict(FeatureBuffer features, Span<float> scores, PredictorWorkspace workspace) => model.Predict(features, scores, workspace);
    }
}
