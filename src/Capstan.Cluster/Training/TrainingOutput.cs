using Capstan.Training;

namespace Capstan.Cluster;

/// <summary>What a training job leaves.</summary>
/// <param name="Folder">Of the model.</param>
/// <param name="Hash">Of its content.</param>
public sealed record TrainingOutput(
    string Folder, string Hash, IReadOnlyList<string> Notices, IReadOnlyList<TrainingWarning> Warnings);
