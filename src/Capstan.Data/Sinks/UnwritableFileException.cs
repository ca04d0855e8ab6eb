namespace Capstan.Data;

/// <summary>A file can't be written.</summary>
/// <param name="file">The file as the user named it.</param>
/// <param name="problem">What is wrong, as a sentence without the file's name.</param>
public sealed class UnwritableFileException(string file, string problem, Exception cause) : Exception(
    $"{file}: it can't be written ({problem.TrimEnd('.')}). Nothing was left behind; make room, or choose another place.", cause)
{
    public string File { get; } = file;
}
