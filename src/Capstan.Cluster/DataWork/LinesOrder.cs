using System.Collections.Immutable;
using System.Text.Json;
using Capstan.Data;

namespace Capstan.Cluster;

/// <summary>Predictions for files of JSON lines, as the service's batch predictions are: what a job of the kind <see cref="Kind"/> has to know.</summary>
/// <param name="Model">The model's folder, by its full name.</param>
/// <param name="Files">By their full names.</param>
public sealed record LinesOrder(string Model, ImmutableArray<string> Files)
{
    /// <summary>The kind of jobs that it makes.</summary>
    public const string Kind = "predict-lines";

    /// <summary>What one worker does at a time, in bytes of a file; changes no result.</summary>
    public long PartBytes { get; init; } = 32 << 20;

    /// <summary>How many lines are asked for together; changes no result.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>How many workers would have something to do.</summary>
    /// <exception cref="UnreadableDataException">A file is not there.</exception>
    public int CountParts() => new LinesSource(Files, PartBytes).Splits.Count;

    /// <summary>The file in the job's folder that gets a line for each that is answered, in their order.</summary>
    public static string ResultsIn(string jobFolder) => Path.Combine(jobFolder, "results.jsonl");

    /// <summary>The file in the job's folder that gets a line for each that is refused: its file, its number from 1, and why.</summary>
    public static string ErrorsIn(string jobFolder) => Path.Combine(jobFolder, "errors.jsonl");

    /// <summary>As a job's definition carries it.</summary>
    public string Write() => JsonSerializer.Serialize(this);

    internal static LinesOrder Read(string text) => JsonSerializer.Deserialize<LinesOrder>(text) ?? throw new JsonException("The lines order is null.");
}

/// <summary>What such a job leaves.</summary>
/// <param name="Predictions">How many lines were answered.</param>
/// <param name="Refused">How many were not.</param>
public sealed record LinesOutput(long Predictions, long Refused);
