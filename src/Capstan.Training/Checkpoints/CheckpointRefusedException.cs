namespace Capstan.Training;

/// <summary>A folder of checkpoints can't serve this training: it is another training's, or somebody uses it.</summary>
/// <param name="folder">As the user named it.</param>
/// <param name="problem">What was found and what was expected, as a sentence.</param>
public sealed class CheckpointRefusedException(string folder, string problem, Exception? cause = null)
    : Exception($"The checkpoints in '{folder}' can't be used: {problem}", cause)
{
    public string Folder { get; } = folder;

    public string Problem { get; } = problem;
}
