namespace Capstan.Models;

/// <summary>A model's files are damaged, incomplete, of a newer version, or compute something else on this machine.</summary>
/// <param name="folder">The artifact's folder as the user named it.</param>
/// <param name="problem">What was found and what was expected, as a sentence.</param>
public sealed class CorruptArtifactException(string folder, string problem, Exception? cause = null) : Exception(
    $"The model '{folder}' can't be used: {problem} Copy it again from where it was trained, or train it again.", cause)
{
    public string Folder { get; } = folder;

    public string Problem { get; } = problem;
}
