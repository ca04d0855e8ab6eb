using System.Text.Json;
using System.Text.Json.Serialization;

namespace Capstan.Service;

/// <summary>What a job's process is to do; all paths are of the machine that it runs on.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(TrainPipeline), "train")]
[JsonDerivedType(typeof(PredictBatch), "predict")]
[JsonDerivedType(typeof(RunPackage), "package")]
public abstract record JobOrder
{
    private protected JobOrder()
    {
    }

    /// <summary>The job's resource name.</summary>
    public required string Job { get; init; }

    /// <summary>Counted from the process's start.</summary>
    public required TimeSpan MaxRunningTime { get; init; }

    /// <summary>Who else takes part, where there are machines; null: nobody.</summary>
    public JobMembers? Members { get; init; }

    /// <summary>The span of the request that made the job, as W3C's traceparent; null: nobody traced it.</summary>
    public string? Trace { get; init; }

    /// <summary>Train a pipeline of Capstan; the model's folder is <c>output/model</c>.</summary>
    public sealed record TrainPipeline : JobOrder
    {
        /// <summary>As JSON.</summary>
        public required string Pipeline { get; init; }

        /// <summary>Files, patterns or database addresses.</summary>
        public required IReadOnlyList<string> Data { get; init; }
    }

    /// <summary>Predict every line of some files; results are in <c>output</c>.</summary>
    public sealed record PredictBatch : JobOrder
    {
        public required string ModelFolder { get; init; }

        public required IReadOnlyList<string> Files { get; init; }

        /// <summary>How many instances are scored together.</summary>
        public required int BatchSize { get; init; }
    }

    /// <summary>Run a trainer package of a user; what it writes below <c>output</c> is kept.</summary>
    public sealed record RunPackage : JobOrder
    {
        /// <summary>Archives or folders.</summary>
        public required IReadOnlyList<string> Packages { get; init; }

        /// <summary>The program in them: a .NET assembly, an executable, or a Python module.</summary>
        public required string Module { get; init; }

        public required IReadOnlyList<string> Arguments { get; init; }

        /// <summary>Variables that the program gets: TF_CONFIG and its like.</summary>
        public required IReadOnlyDictionary<string, string> Environment { get; init; }

        /// <summary>The account that it runs as; null: the server's.</summary>
        public string? Account { get; init; }

        /// <summary>The most memory that it may use; null: no limit.</summary>
        public long? MaxMemoryBytes { get; init; }
    }
}

/// <summary>How a job ended, as its process says.</summary>
public sealed record JobOutcome
{
    /// <summary>SUCCEEDED, FAILED or CANCELLED.</summary>
    public required string State { get; init; }

    /// <summary>Why it did not succeed.</summary>
    public string? Message { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>Processor time of the process and those that it started.</summary>
    public required TimeSpan ProcessorTime { get; init; }

    /// <summary>How many machines took part; null: one.</summary>
    public int? Machines { get; init; }

    public long PredictionCount { get; init; }

    public long ErrorCount { get; init; }
}

/// <summary>A line in a job's log file.</summary>
/// <param name="Replica">Who wrote it, in CMLE's words: <c>worker-replica-1</c>; null: the master.</param>
public sealed record JobLogLine(DateTimeOffset At, string Severity, string Text, string? Replica = null);

/// <summary>The files of a job's folder, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(JobOrder))]
[JsonSerializable(typeof(JobOutcome))]
[JsonSerializable(typeof(JobLogLine))]
[JsonSerializable(typeof(JobProcessMark))]
sealed partial class JobJson : JsonSerializerContext;

/// <summary>Which process runs a job: its id and when it started, since ids are used again.</summary>
/// <param name="StartTicks">In clock ticks since the machine started, as the kernel tells.</param>
sealed record JobProcessMark(int Id, long StartTicks, string Machine);
