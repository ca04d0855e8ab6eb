using System.CommandLine;
using System.Text.Json.Nodes;

namespace Capstan.Cli;

/// <summary>
/// <c>capstan reproduce</c>: trains a version's model again, from what is known of it, and compares the hashes.
/// </summary>
sealed class ReproduceCommand : CapstanCommand
{
    readonly Argument<string> _name = new("MODEL/VERSION") { Description = "The version; or a model's folder." };
    readonly Option<string[]> _files = new("--rows")
    {
        Description = "Where the data is now, if not where it was.", HelpName = "FILES", AllowMultipleArgumentsPerToken = true,
    };

    readonly ServerOptions _server = new();

    public ReproduceCommand()
        : base(
            "reproduce", "Train a version's model again and compare the hashes.",
            new Example("capstan reproduce trips/v1", "same data, pipeline and seed: same hash"),
            new Example("capstan reproduce models/trips --rows moved/trips.csv", "a model's folder, whose data has moved"))
    {
        Arguments.Add(_name);
        Options.Add(_files);
        _server.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var (expected, pipeline, data) = await LineageAsync(line, cancellationToken);
        var files = line.GetValue(_files) is { Length: > 0 } moved ? moved : data;
        var found = await session.WithProgressAsync(async progress =>
        {
            using var stages = new TrainingStages(progress);
            var model = await new PipelineTraining(Pipeline.Parse(pipeline), TimeProvider.System, stages)
                .RunAsync(Dataset.Read(files), cancellationToken);
            stages.Complete();
            return model.Hash.ToString();
        });
        var same = found == expected;
        ResourceText.Write(session, new JsonObject { ["expected"] = expected, ["found"] = found, ["same"] = same });
        if (!same)
        {
            session.Remark("The model is another. Is the data the same, and the release that it was trained with?");
        }

        return same ? ExitCodes.Ok : ExitCodes.Failure;
    }

    async Task<(string Hash, string Pipeline, string[] Data)> LineageAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var name = line.GetRequiredValue(_name);
        if (Directory.Exists(name))
        {
            var model = TrainedModel.Load(name);
            return ($"{model.Hash}", model.Artifact.Lineage.Pipeline.GetRawText(), [.. model.Artifact.Lineage.Data]);
        }

        if (name.Split('/') is not [var modelName, var version])
        {
            throw new UsageException($"'{name}' is no model's folder and names no version; expected MODEL/VERSION.");
        }

        await using var server = await _server.ConnectAsync(line, cancellationToken);
        var lineage = await server.Client.Connection.SendAsync(
            HttpMethod.Get, $"v1beta/{server.Project}/models/{modelName}/versions/{version}:getLineage", null, cancellationToken);
        return ($"{lineage["modelHash"]}", lineage["pipeline"]!.ToJsonString(),
            [.. (lineage["data"] as JsonArray ?? []).Select(each => $"{each}")]); // a lineage has one
    }
}
