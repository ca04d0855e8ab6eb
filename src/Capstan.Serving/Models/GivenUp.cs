namespace Capstan.Serving;

/// <summary>A model was given up, with a line that it could not answer.</summary>
/// <param name="Index">Of the line in its batch.</param>
/// <param name="Reason">Half a sentence about the line.</param>
public readonly record struct GivenUp(int Index, string Reason);

/// <summary>A batch prediction ended, because its model was given up.</summary>
/// <param name="file">The name of the file.</param>
/// <param name="line">From 1.</param>
public sealed class LinesGivenUpException(string file, long line, string reason) : Exception(
    $"The prediction was given up at line {line:N0} of '{file}': {reason}")
{
    public string File { get; } = file;

    public long Line { get; } = line;
}
