using System.Buffers.Binary;
using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Models;
using Capstan.Serving.Tests.Models;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Inference;

namespace Capstan.Serving.Tests.Inference;

/// <summary>The Open Inference Protocol over gRPC, asked by a client that is made from the protocol's own description.</summary>
public sealed class GrpcTests : IAsyncLifetime
{
    PredictionServer _server = null!; // Set before any test runs.
    GrpcChannel _channel = null!;
    GRPCInferenceService.GRPCInferenceServiceClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await PredictionServer.StartAsync(
            [
                new TripModel(),
                new TripModel { Name = "late", Output = ModelOutput.LogOdds, Labels = new ClassLabels("on time", "late", DataType.Text), Bend = value => value / 100 },
                new TripModel { Name = "counts", Output = ModelOutput.LogOdds, Labels = new ClassLabels("-3", "7", DataType.Int64), Bend = value => value / 100 },
                new TripModel { Name = "colours", Output = ModelOutput.Classes(3), Labels = new ClassLabels(["red", "green", "blue"], DataType.Text) },
                new TripModel { Name = "broken", Bend = _ => float.PositiveInfinity },
            ],
            new PredictionServerOptions { GrpcPort = 0 }, CancellationToken.None);
        _channel = GrpcChannel.ForAddress(_server.GrpcUrl!); // It was asked for.
        _client = new GRPCInferenceService.GRPCInferenceServiceClient(_channel);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _server.DisposeAsync();
    }

    static ModelInferRequest.Types.InferInputTensor Tensor(string name, string type, int rows, InferTensorContents? contents = null) =>
        new() { Name = name, Datatype = type, Shape = { rows }, Contents = contents };

    /// <summary>Two trips, typed.</summary>
    internal static ModelInferRequest Typed(string model = "trips") => new()
    {
        ModelName = model,
        Id = "42",
        Inputs =
        {
            Tensor("distance", "FP64", 2, new InferTensorContents { Fp64Contents = { 2.5, 1 } }),
            Tensor("passengers", "INT64", 2, new InferTensorContents { Int64Contents = { 1, -2 } }),
            Tensor("vendor", "BYTES", 2, new InferTensorContents { BytesContents = { ByteString.CopyFromUtf8("Müller"), ByteString.Empty } }),
            Tensor("night", "BOOL", 2, new InferTensorContents { BoolContents = { true, false } }),
            Tensor("pickup", "BYTES", 2, new InferTensorContents { BytesContents = { ByteString.CopyFromUtf8("2001-03-31T23:59:00"), ByteString.CopyFromUtf8("2001-04-01") } }),
        },
    };

    /// <summary>The same, raw.</summary>
    internal static ModelInferRequest Raw(string model = "trips")
    {
        var request = Typed(model);
        foreach (var input in request.Inputs)
        {
            var typed = input.Contents!; // Typed ones have them.
            request.RawInputContents.Add(input.Datatype switch
            {
                "FP64" => Bytes(typed.Fp64Contents, 8, BinaryPrimitives.WriteDoubleLittleEndian),
                "INT64" => Bytes(typed.Int64Contents, 8, BinaryPrimitives.WriteInt64LittleEndian),
                "BOOL" => Bytes(typed.BoolContents, 1, (to, value) => to[0] = value ? (byte)1 : (byte)0),
                _ => ByteString.CopyFrom([.. typed.BytesContents.SelectMany(text => (byte[])[.. BitConverter.GetBytes(text.Length), .. text])]),
            });
            input.Contents = null;
        }

        return request;
    }

    delegate void Put<T>(Span<byte> to, T value);

    static ByteString Bytes<T>(IEnumerable<T> values, int size, Put<T> put) => ByteString.CopyFrom([.. values.SelectMany(value =>
    {
        var bytes = new byte[size];
        put(bytes, value);
        return bytes;
    })]);

    static ImmutableArray<float> Expected => [TripOf(2.5, 1, 6, 0.5, 23), TripOf(1, -2, 0, 0, 0)];

    static float TripOf(double distance, int passengers, int vendorBytes, double night, int hour) =>
        (float)(distance * 2 + passengers + (vendorBytes == 6 ? 7 : vendorBytes) + night + hour / 100.0);

    async Task<RpcException> RefusalAsync(ModelInferRequest request) => await Assert.ThrowsAsync<RpcException>(async () => await _client.ModelInferAsync(request));

    [Fact]
    public async Task Typed_inputs_get_typed_outputs()
    {
        var call = _client.ModelInferAsync(Typed());
        var answer = await call;
        Assert.Equal(("trips", "1", "42"), (answer.ModelName, answer.ModelVersion, answer.Id));
        var output = Assert.Single(answer.Outputs);
        Assert.Equal(("prediction", "FP32"), (output.Name, output.Datatype));
        Assert.Equal([2L], output.Shape);
        Assert.Equal(Expected, output.Contents.Fp32Contents);
        Assert.Empty(answer.RawOutputContents);
        Assert.Equal("1", (await call.ResponseHeadersAsync).GetValue("x-capstan-version"));
    }

    [Fact]
    public async Task Raw_inputs_get_raw_outputs_of_the_same_numbers()
    {
        var answer = await _client.ModelInferAsync(Raw());
        Assert.Null(Assert.Single(answer.Outputs).Contents);
        var raw = Assert.Single(answer.RawOutputContents);
        Assert.Equal(Expected, [BinaryPrimitives.ReadSingleLittleEndian(raw.Span), BinaryPrimitives.ReadSingleLittleEndian(raw.Span[4..])]);
    }

    [Theory]
    [InlineData("INT8"), InlineData("INT16"), InlineData("INT32"), InlineData("UINT8"), InlineData("UINT16"), InlineData("UINT32"), InlineData("UINT64")]
    public async Task Integers_of_any_width_are_taken_both_ways(string type)
    {
        var isSigned = type[0] == 'I';
        var (typed, raw) = (Typed(), Raw());
        long second = isSigned ? -2 : 200;
        typed.Inputs[1] = Tensor("passengers", type, 2, isSigned ? new InferTensorContents { IntContents = { 1, (int)second } }
            : type == "UINT64" ? new InferTensorContents { Uint64Contents = { 1, (ulong)second } } : new InferTensorContents { UintContents = { 1, (uint)second } });
        raw.Inputs[1] = Tensor("passengers", type, 2);
        var size = int.Parse(type.AsSpan(isSigned ? 3 : 4)) / 8;
        raw.RawInputContents[1] = ByteString.CopyFrom([.. new[] { 1L, second }.SelectMany(value => BitConverter.GetBytes(value)[..size])]);
        float[] expected = [TripOf(2.5, 1, 6, 0.5, 23), TripOf(1, (int)second, 0, 0, 0)];
        Assert.Equal(expected, (await _client.ModelInferAsync(typed)).Outputs[0].Contents.Fp32Contents);
        var bytes = (await _client.ModelInferAsync(raw)).RawOutputContents[0];
        Assert.Equal(expected[1], BinaryPrimitives.ReadSingleLittleEndian(bytes.Span[4..]));
    }

    [Fact]
    public async Task Half_and_single_precision_are_taken()
    {
        var single = Typed();
        single.Inputs[0] = Tensor("distance", "FP32", 2, new InferTensorContents { Fp32Contents = { 2.5f, 1 } });
        Assert.Equal(Expected, (await _client.ModelInferAsync(single)).Outputs[0].Contents.Fp32Contents);
        var half = Raw();
        half.Inputs[0] = Tensor("distance", "FP16", 2);
        half.RawInputContents[0] = Bytes([(Half)2.5, (Half)1], 2, BinaryPrimitives.WriteHalfLittleEndian);
        Assert.Equal(Expected[0], BinaryPrimitives.ReadSingleLittleEndian((await _client.ModelInferAsync(half)).RawOutputContents[0].Span));
    }

    [Fact]
    public async Task Rows_named_missing_have_no_value()
    {
        var request = Typed();
        request.Inputs[0].Parameters["missing"] = new InferParameter { StringParam = "0" };
        request.Inputs[1].Parameters["missing"] = new InferParameter { Int64Param = 1 };
        request.Inputs[2].Parameters["missing"] = new InferParameter { StringParam = "0, 1" };
        request.Inputs[2].Parameters["colour"] = new InferParameter { BoolParam = true };
        Assert.Equal([TripOf(0, 1, 0, 0.5, 23), TripOf(1, 0, 0, 0, 0)], (await _client.ModelInferAsync(request)).Outputs[0].Contents.Fp32Contents);
        request.Inputs[0].Parameters["missing"] = new InferParameter { StringParam = "2" };
        Assert.Equal(StatusCode.InvalidArgument, (await RefusalAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_classifier_answers_labels_of_their_type()
    {
        var late = await _client.ModelInferAsync(Typed("late"));
        Assert.Equal(["probability", "label"], late.Outputs.Select(output => output.Name));
        Assert.Equal(["on time", "on time"], late.Outputs[1].Contents.BytesContents.Select(label => label.ToStringUtf8()));
        var counts = Typed("counts");
        counts.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "label" });
        var label = Assert.Single((await _client.ModelInferAsync(counts)).Outputs);
        Assert.Equal("INT64", label.Datatype);
        Assert.Equal([-3L, -3L], label.Contents.Int64Contents);
        var raw = await _client.ModelInferAsync(Raw("late"));
        Assert.Equal("on time", raw.RawOutputContents[1].Span.Slice(4, BinaryPrimitives.ReadInt32LittleEndian(raw.RawOutputContents[1].Span)).ToArray() is var text ? System.Text.Encoding.UTF8.GetString(text) : "");
    }

    [Fact]
    public async Task The_server_and_its_models_describe_themselves()
    {
        Assert.True((await _client.ServerLiveAsync(new ServerLiveRequest())).Live);
        Assert.True((await _client.ServerReadyAsync(new ServerReadyRequest())).Ready);
        Assert.True((await _client.ModelReadyAsync(new ModelReadyRequest { Name = "trips", Version = "1" })).Ready);
        Assert.Equal("capstan", (await _client.ServerMetadataAsync(new ServerMetadataRequest())).Name);
        var model = await _client.ModelMetadataAsync(new ModelMetadataRequest { Name = "colours" });
        Assert.Equal(("colours", "capstan", "1"), (model.Name, model.Platform, Assert.Single(model.Versions)));
        Assert.Equal(["FP64", "INT64", "BYTES", "BOOL", "BYTES"], model.Inputs.Select(input => input.Datatype));
        Assert.All(model.Inputs, input => Assert.Equal([-1L], input.Shape));
        Assert.Equal(["probability", "label", "probabilities"], model.Outputs.Select(output => output.Name));
        Assert.Equal([-1L, 3L], model.Outputs[2].Shape);
    }

    [Fact]
    public async Task What_is_wrong_has_the_status_that_the_protocol_gives_it()
    {
        Assert.Equal(StatusCode.NotFound, (await RefusalAsync(Typed("nobody"))).StatusCode);
        var version = Typed();
        version.ModelVersion = "7";
        Assert.Equal(StatusCode.NotFound, (await RefusalAsync(version)).StatusCode);
        Assert.Equal(StatusCode.Internal, (await RefusalAsync(Typed("broken"))).StatusCode);
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(
            async () => await _client.ModelReadyAsync(new ModelReadyRequest { Name = "nobody" }))).StatusCode);
        var refusal = await RefusalAsync(new ModelInferRequest { ModelName = "trips" });
        Assert.Equal((StatusCode.InvalidArgument, "missing_field"), (refusal.StatusCode, refusal.Trailers.GetValue("x-capstan-code")));
        Assert.Contains("'distance'", refusal.Status.Detail);
    }

    public static TheoryData<string, Action<ModelInferRequest>> Mistakes => new()
    {
        { "wrong_shape", request => request.Inputs[0].Shape[0] = 3 },
        { "wrong_shape", request => request.Inputs[0].Shape[0] = long.MaxValue },
        { "wrong_shape", request => request.Inputs[0].Shape.Add(2) },
        { "wrong_shape", request => request.Inputs[0].Shape.Clear() },
        { "wrong_shape", request => request.Inputs[0].Contents.Fp64Contents.Add(1) },
        { "wrong_type", request => request.Inputs[0].Datatype = "FP128" },
        { "wrong_type", request => request.Inputs[1].Datatype = "FP64" },
        { "wrong_type", request => request.Inputs[4].Contents.BytesContents[1] = ByteString.CopyFromUtf8("yesterday") },
        { "not_a_number", request => request.Inputs[0].Contents.Fp64Contents[1] = double.NaN },
        { "invalid_utf8", request => request.Inputs[2].Contents.BytesContents[0] = ByteString.CopyFrom(0xFF) },
        { "unknown_field", request => request.Inputs[2].Name = "Münze" },
        { "duplicate_field", request => request.Inputs.Add(request.Inputs[0]) },
        { "unknown_output", request => request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "score" }) },
        { "unknown_output", request => request.Outputs.Add(Enumerable.Repeat(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "prediction" }, 2)) },
        { "invalid_tensor", request => request.RawInputContents.Add(ByteString.Empty) },
        { "invalid_tensor", request => request.RawInputContents.Add(Enumerable.Repeat(ByteString.Empty, 5)) },
    };

    [Theory, MemberData(nameof(Mistakes), DisableDiscoveryEnumeration = true)]
    public async Task A_mistake_is_refused_by_its_code(string code, Action<ModelInferRequest> change)
    {
        var request = Typed();
        change(request);
        var refusal = await RefusalAsync(request);
        Assert.Equal((StatusCode.InvalidArgument, code), (refusal.StatusCode, refusal.Trailers.GetValue("x-capstan-code")));
    }

    [Fact]
    public async Task A_message_of_a_megabyte_is_taken_and_a_larger_one_than_the_limit_refused()
    {
        var answer = await _client.ModelInferAsync(Repeated(10_000));
        Assert.Equal(Enumerable.Repeat(Expected[0], 10_000), answer.Outputs[0].Contents.Fp32Contents);
        Assert.Equal(StatusCode.ResourceExhausted, (await RefusalAsync(Repeated(40_000))).StatusCode);
    }

    /// <summary>The first trip again and again, its vendor's name long and its passengers as many fewer; 90 bytes each.</summary>
    static ModelInferRequest Repeated(int rows) => new()
    {
        ModelName = "trips",
        Inputs =
        {
            Tensor("distance", "FP64", rows, new InferTensorContents { Fp64Contents = { Enumerable.Repeat(2.5, rows) } }),
            Tensor("passengers", "INT64", rows, new InferTensorContents { Int64Contents = { Enumerable.Repeat(1L + 7 - 40, rows) } }),
            Tensor("vendor", "BYTES", rows, new InferTensorContents { BytesContents = { Enumerable.Repeat(ByteString.CopyFromUtf8(new string('v', 40)), rows) } }),
            Tensor("night", "BOOL", rows, new InferTensorContents { BoolContents = { Enumerable.Repeat(true, rows) } }),
            Tensor("pickup", "BYTES", rows, new InferTensorContents { BytesContents = { Enumerable.Repeat(ByteString.CopyFromUtf8("2001-03-31T23:59:00"), rows) } }),
        },
    };

    [Fact]
    public async Task A_caller_whose_time_is_over_is_told_so()
    {
        var late = await Assert.ThrowsAsync<RpcException>(async () => await _client.ModelInferAsync(Typed(), new CallOptions(
            new Metadata { { "x-capstan-timeout-ms", "0" } })));
        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
        Assert.NotEmpty((await _client.ModelInferAsync(Typed(), deadline: DateTime.MaxValue.ToUniversalTime())).Outputs);
    }

    [Fact]
    public async Task Both_ports_answer_the_protocol_over_rest()
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_server.GrpcUrl!, "/v2/health/live")) // It was asked for.
        {
            Version = System.Net.HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var overHttp2 = await client.SendAsync(request);
        Assert.Equal("""{"live":true}""", await overHttp2.Content.ReadAsStringAsync());
        Assert.Equal("""{"live":true}""", await client.GetStringAsync(new Uri(_server.Url, "/v2/health/live")));
    }
}
