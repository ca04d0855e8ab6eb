using System.Text.Json.Nodes;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>The variables that CMLE gave to trainers.</summary>
static class TrainerEnvironment
{
    /// <summary>The variable that tells a trainer who it is among others.</summary>
    public const string Configuration = "TF_CONFIG";

    // Where a training of one machine would listen for others.
    const string Address = "127.0.0.1:2222";

    public static IReadOnlyDictionary<string, string> Of(Resource job, JsonObject input)
    {
        // Runtime versions from 2.1 on, and whoever asks, call the first machine chief; before, it was the master.
        var isChief = input["useChiefInTfConfig"]?.GetValue<bool>() == true ||
            (Version.TryParse($"{input["runtimeVersion"]}", out var runtime) && runtime >= new Version(2, 1));
        var name = isChief ? "chief" : "master";
        var configuration = new JsonObject
        {
            ["cluster"] = new JsonObject { [name] = new JsonArray(Address) },
            ["task"] = new JsonObject { ["type"] = name, ["index"] = 0 },
            ["job"] = input.DeepClone(),
            ["environment"] = "cloud",
        };
        return new Dictionary<string, string>
        {
            [Configuration] = configuration.ToJsonString(),
            ["CLOUD_ML_JOB_ID"] = job.Id,
            ["CLOUD_ML_PROJECT_ID"] = job.Project,
        };
    }
}
