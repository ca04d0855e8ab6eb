using System.Text.Json;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>A job as JSON text, to hand to members: the same job comes out, to the bit of every number.</summary>
static class TrainingJobText
{
    static readonly JsonSerializerOptions Options = new() { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    public static string Of(TrainingJob job) => JsonSerializer.Serialize(
        new Stored(
            job.Id, LossText.Of(job.Loss), job.Loss.Output.Width, [.. job.Features.Numerics, .. job.Features.Categories], job.Network,
            job.Scaling, job.Training, job.RowCount, job.Consistency, job.MaxDelay, job.Shards, job.Replicas, job.BackupWorkers,
            job.CheckpointFolder, job.CheckpointEvery, job.Numbers),
        Options);

    /// <exception cref="FormatException">The text is no job.</exception>
    public static TrainingJob Parse(string text)
    {
        try
        {
            var stored = JsonSerializer.Deserialize<Stored>(text, Options) ?? throw new FormatException("The text of the job is 'null'.");
            var job = new TrainingJob(
                stored.Id, LossOf(stored), new FeatureLayout(stored.Features), stored.Network, stored.Scaling, stored.Training, stored.RowCount)
            {
                Consistency = stored.Consistency,
                MaxDelay = stored.MaxDelay,
                Shards = stored.Shards,
                Replicas = stored.Replicas,
                BackupWorkers = stored.BackupWorkers,
                CheckpointFolder = stored.CheckpointFolder,
                CheckpointEvery = stored.CheckpointEvery,
                Numbers = stored.Numbers,
            };
            job.Validate();
            return job;
        }
        catch (Exception problem) when (problem is JsonException or ArgumentException)
        {
            throw new FormatException($"The text is no distributed training: {problem.Message}", problem);
        }
    }

    static Loss LossOf(Stored stored) => stored.Loss switch
    {
        "logistic" => new Loss.Logistic(),
        "softmax" => new Loss.Softmax(stored.Outputs),
        var text => LossText.Parse(text),
    };

    sealed record Stored(
        string Id, string Loss, int Outputs, FeatureSpec[] Features, DnnOptions Network, LabelScaling Scaling, TrainingOptions Training,
        long RowCount, Consistency Consistency, int MaxDelay, int Shards, int Replicas, int BackupWorkers, string? CheckpointFolder,
        int CheckpointEvery, WireNumbers Numbers);
}
