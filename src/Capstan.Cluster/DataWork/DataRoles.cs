using System.Text.Json;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Cluster;

/// <summary>The rows that work on data is about: raw ones, those that features are fitted on, features, predictions, and scored ones.</summary>
sealed class DataRoles(DataOrder order, string jobFolder, TimeProvider clock) : ISplitRoles
{
    public const string Raw = "raw";
    public const string Fitted = TrainingRoles.Fitted;
    public const string Predictions = "predictions";
    public const string Scored = "scored";

    /// <summary>What transforms that were fitted by a job are called in its folder.</summary>
    public const string TransformFiles = "transform-*.json";

    const string FeaturesMark = "features ";

    /// <summary>Features by a transform that was fitted just now, or by the model's.</summary>
    public static string FeaturesBy(FrozenTransform? transform) => $"{FeaturesMark}{transform?.Hash}";

    public async Task<(IBatchSource Source, Dataset Rows)> OpenAsync(string role, string? seenBy, CancellationToken cancellationToken)
    {
        var rows = order.Dataset(seenBy);
        return role switch
        {
            Raw => (await rows.OpenAsync(cancellationToken), rows),
            Fitted => (await Training(null).OpenFittedAsync(rows, cancellationToken), rows),
            Predictions => (await Model().OpenPredictionsAsync(rows, order.Keep, cancellationToken), rows),
            Scored => ((await Model().OpenEvaluationAsync(rows, Evaluation(), cancellationToken)).Scored, rows),
            // Of rows that a filter lets pass, what is left out is known to their features alone.
            _ when role.StartsWith(FeaturesMark, StringComparison.Ordinal) && Features(rows, role[FeaturesMark.Length..]) is var features =>
                (await features.OpenAsync(cancellationToken), features),
            _ => throw new JobFailedException($"the rows '{role}' are wanted, which no work on data has; all nodes must run the same Capstan"),
        };
    }

    // Each is opened by one that needs it, and then an order has it.
    public TrainedModel Model() => TrainedModel.Load(order.Model!);

    public PipelineTraining Training(ISplitPool? pool, IProgress<TrainingReport>? progress = null, AnalysisFolder? kept = null) =>
        new(Pipeline.Parse(order.Pipeline!), clock, progress, kept) { Pool = pool };

    public EvaluationOptions Evaluation() => new() { Slices = order.Slices, Against = [.. order.Against.Select(TrainedModel.Load)] };

    /// <summary>Leaves a transform to those who compute features by it.</summary>
    public void Keep(FrozenTransform transform, IReadOnlyList<Field> types)
    {
        var path = FileOf($"{transform.Hash}");
        if (!File.Exists(path))
        {
            WholeFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(new KeptTransform(transform.ToBytes(), [.. types])));
        }
    }

    public Dataset Features(Dataset rows, string transform)
    {
        if (order.Pipeline is null)
        {
            return Model().Features(rows, order.Keep);
        }

        var kept = JsonSerializer.Deserialize<KeptTransform>(File.ReadAllText(FileOf(transform)))!; // Keep wrote it
        return Training(null).FeaturesOf(rows, StoredState.FromBytes<FrozenTransform>(kept.Transform), kept.Types, order.Keep);
    }

    string FileOf(string transform) => Path.Combine(jobFolder, TransformFiles.Replace("*", transform));

    sealed record KeptTransform(byte[] Transform, Field[] Types);
}
