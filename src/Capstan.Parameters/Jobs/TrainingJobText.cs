using System.Text.Json;
using System.Text.Json.Serialization;
using Capstan.Features;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>A job as JSON text, to hand to members: the same job comes out, to the bit of every number.</summary>
static class TrainingJobText
{
    static readonly JsonSerializerOptions Options = new()
    {
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        // A limit that is turned off is infinite.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static string Of(TrainingJob job) => JsonSerializer.Serialize(
        new Stored(
            job.Id, LossText.Of(job.Loss), job.Loss.Output.Width, [.. job.Features.Numerics, .. job.Features.Categories], 
            Parts.Of(job.Learner), job.Training, job.RowCount, job.Consistency, job.MaxDelay, job.Shards, job.Replicas, job.BackupWorkers,
            job.CheckpointFolder, job.CheckpointEvery, job.Numbers, job.LeastGradient),
        Options);

    /// <exception cref="FormatException">The text is no job.</exception>
    public static TrainingJob Parse(string text)
    {
        try
        {
            var stored = JsonSerializer.Deserialize<Stored>(text, Options) ?? throw new FormatException("The text of the job is 'null'.");
            var job = new TrainingJob(
                stored.Id, LossOf(stored), new FeatureLayout(stored.Features), stored.Learner.Definition, stored.Training, stored.RowCount)
            {
                Consistency = stored.Consistency,
                MaxDelay = stored.MaxDelay,
                Shards = stored.Shards,
                Replicas = stored.Replicas,
                BackupWorkers = stored.BackupWorkers,
                CheckpointFolder = stored.CheckpointFolder,
                CheckpointEvery = stored.CheckpointEvery,
                Numbers = stored.Numbers,
                LeastGradient = stored.LeastGradient,
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
        string Id, string Loss, int Outputs, FeatureSpec[] Features, Parts Learner, TrainingOptions Training,
        long RowCount, Consistency Consistency, int MaxDelay, int Shards, int Replicas, int BackupWorkers, string? CheckpointFolder,
        int CheckpointEvery, WireNumbers Numbers, float LeastGradient);

    /// <summary>Either a network or a linear model.</summary>
    sealed record Parts(LearnerDefinition.Network? Network, LearnerDefinition.Linear? Linear)
    {
        [JsonIgnore]
        public LearnerDefinition Definition => (LearnerDefinition?)Network ?? Linear ?? throw new FormatException("The job names nothing that learns.");

        public static Parts Of(LearnerDefinition learner) => new(learner as LearnerDefinition.Network, learner as LearnerDefinition.Linear);
    }
}
