using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Capstan.Service.Tests.Clients;

/// <summary>Google's own published client for ml/v1 (npm googleapis), pointed at this server, in one story that calls every method.</summary>
public sealed class GoogleClientTests
{
    static string Script([CallerFilePath] string caller = "") => Path.Combine(Path.GetDirectoryName(caller)!, "googleapis.js");

    [Theory]
    [InlineData("direct")]
    [InlineData("discover")]
    public async Task All_46_methods_work_with_the_published_client_and_with_one_made_from_our_discovery_document(string mode)
    {
        NodePackages.Require("googleapis");
        await using var service = await RunningService.StartAsync();
        var folder = Directory.CreateDirectory(service.At("client")).FullName;
        File.WriteAllLines(Path.Combine(folder, "rows1.jsonl"), [TripsModel.Instance, """{"trip_distance":"far"}""", TripsModel.Instance]);
        Trainer.Write(Path.Combine(folder, "sleeper"), "sleeper", "sleep 600");
        using var node = Process.Start(NodePackages.Start(
            Script(), $"{service.Server.Url}", mode, await TripsModel.FolderAsync, TripsModel.Instance, folder))!; // a new process
        var (output, error) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, await error);
        var result = JsonNode.Parse(await output)!;
        Assert.Equal(
            ApiSurface.V1.Methods.Select(method => method.Id).Order(StringComparer.Ordinal),
            result["methods"]!.AsArray().Select(method => $"{method}"));
        Check(result["facts"]!.AsObject(), mode, folder);
    }

    static void Check(JsonObject facts, string mode, string folder)
    {
        Assert.Equal((409, "ALREADY_EXISTS"), Refusal(facts["duplicate"]));
        Assert.Equal(("READY", "True", "type.googleapis.com/google.cloud.ml.v1.Version"),
            ($"{facts["first"]!["state"]}", $"{(bool)facts["first"]!["isDefault"]!}", $"{facts["first"]!["type"]}"));
        Assert.Equal([$"projects/{mode}/models/trips/versions/v1", $"projects/{mode}/models/trips/versions/v2"], facts["versions"]!.AsArray().Select(each => $"{each}"));
        Assert.Equal(2, facts["prediction"]!.AsArray().Count);
        Assert.Equal($"{facts["prediction"]![0]}", $"{facts["wrapped"]![0]}");
        Assert.Contains("explanations", facts["explanation"]!.AsArray().Select(each => $"{each}"));
        Assert.Equal((400, "INVALID_ARGUMENT"), Refusal(facts["wrong"]));
        Assert.Equal($"projects/{mode}/models/trips/versions/v2", $"{facts["default"]}");
        Assert.Equal((400, "FAILED_PRECONDITION"), Refusal(facts["undeletable"]));
        Assert.Equal(1, (int)facts["filtered"]!);
        Assert.Equal("{}", facts["none"]!.ToJsonString());
        Assert.Equal("SUCCEEDED", $"{facts["batch"]!["state"]}");
        Assert.Equal(("2", "1"), ($"{facts["batch"]!["output"]!["predictionCount"]}", $"{facts["batch"]!["output"]!["errorCount"]}"));
        Assert.Equal(2, File.ReadLines(Path.Combine(folder, mode, "prediction.results-00000-of-00001")).Count());
        Assert.Contains("\"line\":\"2\"", File.ReadAllText(Path.Combine(folder, mode, "prediction.errors_stats-00000-of-00001")));
        Assert.Equal(("FAILED", "There is nothing at 'gs://b/none.tar.gz'.", "4"),
            ($"{facts["missingPackage"]!["state"]}", $"{facts["missingPackage"]!["error"]}", $"{facts["missingPackage"]!["workers"]}"));
        Assert.Equal((409, "ABORTED"), Refusal(facts["stale"]));
        Assert.Equal(["j1"], facts["jobs"]!.AsArray().Select(each => $"{each}"));
        Assert.Equal("CANCELLED", $"{facts["cancelled"]}");
        Assert.Equal(3, (int)facts["operations"]!);
        Assert.True((bool)facts["sameTrial"]!);
        Assert.False((bool)facts["shouldStop"]!);
        Assert.Equal(0.5, (double)facts["completed"]!);
        Assert.Equal((2, 1, "STOPPING"), ((int)facts["trials"]!, (int)facts["optimal"]!, $"{facts["stopped"]}"));
        Assert.Equal((404, "NOT_FOUND"), Refusal(facts["gone"]));
    }

    static (int, string) Refusal(JsonNode? fact) => ((int)fact!["code"]!, $"{fact["status"]}");
}
