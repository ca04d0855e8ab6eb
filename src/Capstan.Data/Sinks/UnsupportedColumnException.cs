namespace Capstan.Data;

/// <summary>A file's format has no place for what a column holds.</summary>
/// <param name="file">The file as the user named it.</param>
public sealed class UnsupportedColumnException(string file, string column) : ArgumentException(
    $"{file}: column '{column}' holds lists, which files of this format can't hold yet; " +
    "write .jsonl or .csv, or leave the column out.")
{
    public string File { get; } = file;

    public string Column { get; } = column;
}
