using System.Globalization;
using System.Text.Json;
using Capstan.Data;
using Capstan.Training;

namespace Capstan;

/// <summary>What a training's checkpoints belong to.</summary>
public sealed partial class PipelineTraining
{
    /// <summary>Where the training's state is kept, so that it can go on after a crash; null for nowhere.</summary>
    public CheckpointOptions? Checkpoint { get; init; }

    CheckpointFolder OpenCheckpoints(CheckpointOptions options, IBatchSource source)
    {
        var members = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["data"] = source.Fingerprint,
            ["seed"] = pipeline.Seed.ToString(CultureInfo.InvariantCulture),
            ["Capstan's version"] = CapstanVersion.Text,
            ["the model that it begins at"] = _start?.Hash.ToString() ?? "none",
        };
        if (Pushdown)
        {
            // A database's sums differ in their last bits from a pass's.
            members["pushdown"] = "true";
        }

        // What a model is called, and where an editor finds the schema, change no bit of it.
        AddMembers(members, "pipeline", JsonSerializer.SerializeToElement(
            pipeline with { Name = null, SchemaUrl = null, From = null, Seed = 1 }, Pipeline.JsonOptions));
        return new CheckpointFolder(
            options, new TrainingIdentity(members), clock, notice => progress?.Report(new TrainingReport.Notice(notice)));
    }

    /// <summary>Every member by its path, so that a difference can be named: <c>pipeline.estimator.epochs</c>.</summary>
    static void AddMembers(Dictionary<string, string> members, string path, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            members[path] = value.GetRawText();
            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            AddMembers(members, $"{path}.{member.Name}", member.Value);
        }
    }
}
