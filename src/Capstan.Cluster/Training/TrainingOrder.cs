using System.Collections.Immutable;
using System.Text.Json;
using Capstan.Data.DuckDb;

namespace Capstan.Cluster;

/// <summary>How far the workers of a training may run apart.</summary>
public enum WorkerConsistency
{
    /// <summary>One batch at a time, shared out: the model of a single machine, to the bit.</summary>
    Synchronous = 1,

    /// <summary>A batch per worker, none more than a few before the slowest.</summary>
    Bounded = 2,

    /// <summary>A batch per worker, without waiting.</summary>
    Asynchronous = 3,
}

/// <summary>How numbers travel between workers and parameter servers.</summary>
public enum WireFormat
{
    /// <summary>32 bits, as they are computed.</summary>
    Single = 1,

    /// <summary>The upper 16 bits of those: the same range, 8 bits of precision.</summary>
    BFloat16 = 2,

    /// <summary>IEEE 754 half precision: 11 bits of precision, up to 65,504.</summary>
    Half = 3,
}

/// <summary>A pipeline to train on a cluster: what a job of the kind <see cref="Kind"/> has to know.</summary>
/// <param name="Data">Files as the user writes them, or the address of a database.</param>
/// <param name="Out">Where the model's folder goes.</param>
public sealed record TrainingOrder(string Pipeline, ImmutableArray<string> Data, string Out)
{
    /// <summary>The kind of jobs that it makes.</summary>
    public const string Kind = "train";

    /// <summary>Where names of files begin, on every node; null: they are full paths.</summary>
    public string? Folder { get; init; }

    /// <summary>Only rows that meet the condition.</summary>
    public string? Where { get; init; }

    /// <summary>Rows that can't be read are left out.</summary>
    public bool SkipBadRows { get; init; }

    public bool UniteColumns { get; init; }

    public WorkerConsistency Consistency { get; init; } = WorkerConsistency.Synchronous;

    /// <summary>Of <see cref="WorkerConsistency.Bounded"/>: in batches.</summary>
    public int MaxDelay { get; init; } = 4;

    /// <summary>Other than 32 bits for workers that don't wait: <see cref="WorkerConsistency.Synchronous"/> promises its bits.</summary>
    public WireFormat Wire { get; init; } = WireFormat.Single;

    /// <summary>
    /// Of workers that don't wait: rows of embeddings and of categories' weights whose gradients are all smaller are held back, and added to what
    /// comes next; 0 for none.
    /// </summary>
    public float LeastGradient { get; init; }

    /// <summary>How many more servers hold each shard, 0 to 2, as far as there are servers.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Of each worker, from 1; changes no result.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>As a job's definition carries it.</summary>
    public string Write() => JsonSerializer.Serialize(this);

    /// <param name="pipeline">With the full path of an earlier model, where it begins at one.</param>
    public static TrainingOrder Of(Pipeline pipeline, ImmutableArray<string> data, string folder) =>
        new(JsonSerializer.Serialize(pipeline, Capstan.Pipeline.JsonOptions), data, folder);

    /// <summary>Whether the model has parameters that servers hold while workers learn: those of linear models and networks, but for streams.</summary>
    public static bool NeedsServers(Pipeline pipeline) => PipelineTraining.IsStepped(pipeline);

    internal static TrainingOrder Read(string text) =>
        JsonSerializer.Deserialize<TrainingOrder>(text) ?? throw new JsonException("The training order is null.");

    /// <param name="seenBy">The coordinator's snapshot of a database; null of files, and for its own.</param>
    internal Dataset Dataset(string? seenBy = null)
    {
        var rows = Capstan.Dataset.Read(
            Data, new ReadOptions { OnBadRow = SkipBadRows ? BadRowPolicy.Skip : BadRowPolicy.Fail, UniteColumns = UniteColumns, Folder = Folder },
            seenBy);
        return Where is null ? rows : rows.Where(Where);
    }
}
