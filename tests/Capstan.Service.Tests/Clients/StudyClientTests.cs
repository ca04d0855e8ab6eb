using System.Text.Json.Nodes;

namespace Capstan.Service.Tests.Clients;

/// <summary>The habits of the published study client (tensorflow/cloud's vizier_client): snake_case, durations as objects, what codes mean.</summary>
public sealed class StudyClientTests
{
    const string Study = "/v1/projects/p/locations/us-central1/studies";
    const string Config =
        """
        {"study_config":{"algorithm":"ALGORITHM_UNSPECIFIED","metrics":[{"goal":"MAXIMIZE","metric":"acc"}],"parameters":[
          {"parameter":"lr","type":"DOUBLE","double_value_spec":{"min_value":0.0001,"max_value":0.1},"scale_type":"UNIT_LOG_SCALE"},
          {"parameter":"units","type":"DISCRETE","discrete_value_spec":{"values":[64,128]}},
          {"parameter":"layers","type":"INTEGER","integer_value_spec":{"min_value":"1","max_value":"4"}},
          {"parameter":"opt","type":"CATEGORICAL","categorical_value_spec":{"values":["sgd","adam"]},"child_parameter_specs":[
            {"parameter":"momentum","type":"DOUBLE","double_value_spec":{"min_value":0,"max_value":1},"parent_categorical_values":{"values":["sgd"]}}]}]}}
        """;

    [Fact]
    public async Task A_search_runs_as_the_client_runs_it()
    {
        await using var service = await RunningService.StartAsync();
        await service.DoAsync("POST", $"{Study}?study_id=s", Config);

        // 409: "it exists, load it".
        Assert.Equal("ALREADY_EXISTS", $"{(await service.RefuseAsync(409, "POST", $"{Study}?study_id=s", Config))["status"]}");
        await service.DoAsync("GET", $"{Study}/s");
        var seen = new HashSet<string>();
        for (var step = 0; step < 5; step++)
        {
            var suggestion = await service.DoAsync("POST", $"{Study}/s/trials:suggest", """{"client_id":"tuner0","suggestion_count":1}""");

            // The client takes the last segment of the operation's name.
            var operation = await service.DoAsync("GET", $"/v1/projects/p/locations/us-central1/operations/{$"{suggestion["name"]}".Split('/')[^1]}");
            Assert.True((bool)operation["done"]!);
            Assert.Equal("ACTIVE", $"{operation["response"]!["studyState"]}");
            var trial = Assert.Single(operation["response"]!["trials"]!.AsArray())!;
            Assert.True(seen.Add($"{trial["name"]}"));
            CheckParameters(trial["parameters"]!.AsArray());
            var path = $"/v1/{trial["name"]}";
            await service.DoAsync("POST", $"{path}:addMeasurement", """{"measurement":{"step_count":1,"elapsed_time":{"seconds":7},"metrics":[{"metric":"acc","value":0.5}]}}""");
            var check = await service.DoAsync("POST", $"{path}:checkEarlyStoppingState");
            Assert.False((bool)check["response"]!["shouldStop"]!);
            var done = await service.DoAsync(
                "POST", $"{path}:complete", step == 0 ? """{"trial_infeasible":true,"infeasible_reason":"nan"}""" : "{}");
            Assert.Equal("COMPLETED", $"{done["state"]}");
            Assert.Equal("7s", $"{done["measurements"]![0]!["elapsedTime"]}");
        }

        Assert.Equal(4, (await service.DoAsync("POST", $"{Study}/s/trials:listOptimalTrials"))["trials"]!.AsArray().Count);
    }

    [Fact]
    public async Task The_thousand_and_first_trial_is_429()
    {
        await using var service = await RunningService.StartAsync();
        await service.DoAsync("POST", $"{Study}?studyId=s", Config);
        await service.DoAsync("POST", $"{Study}/s/trials:suggest", """{"client_id":"a","suggestion_count":1000}""");
        Assert.Equal("RESOURCE_EXHAUSTED", $"{(await service.RefuseAsync(429, "POST", $"{Study}/s/trials:suggest", """{"client_id":"b","suggestion_count":1}"""))["status"]}");
    }

    static void CheckParameters(JsonArray parameters)
    {
        var values = parameters.ToDictionary(each => $"{each!["parameter"]}", each => each!);
        Assert.InRange((double)values["lr"]["floatValue"]!, 0.0001, 0.1);
        Assert.Contains((double)values["units"]["floatValue"]!, (double[])[64, 128]);
        Assert.InRange(long.Parse($"{values["layers"]["intValue"]}"), 1, 4);
        var optimizer = $"{values["opt"]["stringValue"]}";
        Assert.Contains(optimizer, (string[])["sgd", "adam"]);
        Assert.Equal(optimizer == "sgd", values.ContainsKey("momentum"));
    }
}
