using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Capstan.Data;
using Google.Protobuf;
using Grpc.Net.Client;
using Inference;

namespace Capstan.Serving.Tests.Replicas;

/// <summary>
/// The parity test of serving: the native program answers with the same bytes as the server of this process, for the models of
/// every family. <c>./test</c> builds the program; without it these tests are skipped.
/// </summary>
public sealed class NativeReplicaTests
{
    const int Rows = 500;

    public static string Program { get; } = Path.Combine(Root(), ".capstan", "replica", "Capstan.Replica");

    [Fact]
    public async Task The_native_replica_answers_the_same_bytes_for_every_family()
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not there; ./test builds it.");
        string[] names = [.. GoldenArtifacts.Names];
        Assert.NotEmpty(names);
        var table = Path.GetTempFileName();
        await File.WriteAllBytesAsync(table, new RoutingTable(1, [.. names.Select(name => new ModelRoute(
            name, [GoldenArtifacts.Version("v1", name)], [], Split.AllTo("v1")))]).ToJson());
        await using var native = await NativeReplica.StartAsync(Program, table);
        await using var managed = await PredictionServer.StartAsync(
            names.Select(name => GoldenArtifacts.Model(name, name)), new PredictionServerOptions(), CancellationToken.None);
        using var client = new HttpClient();
        foreach (var name in names)
        {
            foreach (var (verb, member) in new[] { ("predict", "{\"predictions\":["), ("explain", "{\"explanations\":[") })
            {
                var expected = await AskAsync(client, managed.Url, name, verb);
                Assert.Equal(expected, await AskAsync(client, native.Url, name, verb));
                Assert.StartsWith(member, System.Text.Encoding.UTF8.GetString(expected));
            }
        }

        File.Delete(table);
    }

    [Fact]
    public async Task The_native_replica_speaks_gRPC_as_the_managed_one_does()
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not there; ./test builds it.");
        string[] names = [.. GoldenArtifacts.Names];
        var table = Path.GetTempFileName();
        await File.WriteAllBytesAsync(table, new RoutingTable(1, [.. names.Select(name => new ModelRoute(
            name, [GoldenArtifacts.Version("1", name)], [], Split.AllTo("1")))]).ToJson());
        await using var native = await NativeReplica.StartAsync(Program, table);
        await using var managed = await PredictionServer.StartAsync(
            names.Select(name => GoldenArtifacts.Model(name, name)), new PredictionServerOptions { GrpcPort = 0 }, CancellationToken.None);
        using var theirs = GrpcChannel.ForAddress(native.GrpcUrl);
        using var ours = GrpcChannel.ForAddress(managed.GrpcUrl!); // It was asked for.
        var (nativeClient, managedClient) = (new GRPCInferenceService.GRPCInferenceServiceClient(theirs), new GRPCInferenceService.GRPCInferenceServiceClient(ours));
        foreach (var name in names)
        {
            var asked = new ModelMetadataRequest { Name = name };
            Assert.Equal(await managedClient.ModelMetadataAsync(asked), await nativeClient.ModelMetadataAsync(asked));
            var request = InferRequest(name);
            Assert.Equal(await managedClient.ModelInferAsync(request), await nativeClient.ModelInferAsync(request));
        }

        File.Delete(table);
    }

    static ModelInferRequest InferRequest(string name)
    {
        var rows = GoldenArtifacts.Rows(GoldenArtifacts.Model(name, name).Inputs, Rows, 2);
        var request = new ModelInferRequest { ModelName = name, Id = "1" };
        for (var index = 0; index < rows.Columns.Length; index++)
        {
            var column = rows.Columns[index];
            var contents = new InferTensorContents();
            var missing = Enumerable.Range(0, Rows).Where(row => !column.IsPresent(row));
            var tensor = new ModelInferRequest.Types.InferInputTensor
            {
                Name = rows.Schema.Fields[index].Name, Datatype = TensorTypes.Of(column.Type), Shape = { Rows }, Contents = contents,
                Parameters = { ["missing"] = new InferParameter { StringParam = string.Join(',', missing) } },
            };
            for (var row = 0; row < Rows; row++)
            {
                switch (column.Type)
                {
                    case DataType.Float64:
                        contents.Fp64Contents.Add(column.Float64s[row]);
                        break;
                    case DataType.Int64:
                        contents.Int64Contents.Add(column.Int64s[row]);
                        break;
                    case DataType.Boolean:
                        contents.BoolContents.Add(column.BooleanAt(row));
                        break;
                    case DataType.Timestamp:
                        contents.BytesContents.Add(ByteString.CopyFromUtf8(TimestampText.Format(column.Int64s[row])));
                        break;
                    default:
                        contents.BytesContents.Add(ByteString.CopyFrom(column.Type == DataType.TextList ? "a"u8 : column.TextAt(row)));
                        tensor.Shape.AddRange(column.Type == DataType.TextList && row == 0 ? [1L] : []);
                        break;
                }
            }

            request.Inputs.Add(tensor);
        }

        return request;
    }

    static async Task<byte[]> AskAsync(HttpClient client, Uri server, string name, string verb)
    {
        var body = new ArrayBufferWriter<byte>();
        InstanceWriter.Write(GoldenArtifacts.Rows(GoldenArtifacts.Model(name, name).Inputs, Rows, 1), 0, Rows, body);
        using var content = new ByteArrayContent(body.WrittenSpan.ToArray());
        using var response = await client.PostAsync(new Uri(server, $"/v1/models/{name}:{verb}"), content);
        return await response.Content.ReadAsByteArrayAsync();
    }

    static string Root([CallerFilePath] string caller = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(caller)!, "..", "..", ".."));

    /// <summary>The program, ended by the end of its input.</summary>
    sealed class NativeReplica(Process process, Uri url, Uri grpcUrl) : IAsyncDisposable
    {
        public Uri Url => url;

        public Uri GrpcUrl => grpcUrl;

        public static async Task<NativeReplica> StartAsync(string program, string table)
        {
            var process = Process.Start(new ProcessStartInfo(program, ["--table", table, "--grpc-port", "0", "--attached"])
            {
                RedirectStandardInput = true, RedirectStandardOutput = true,
            })!; // A program that is there starts, or this throws.
            // It says where it listens.
            var url = new Uri((await process.StandardOutput.ReadLineAsync())!);
            return new NativeReplica(process, url, new Uri((await process.StandardOutput.ReadLineAsync())!));
        }

        public async ValueTask DisposeAsync()
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
