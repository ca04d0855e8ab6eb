namespace Capstan.Cluster;

/// <summary>A file that other processes find whole or not at all, whoever else writes the same meanwhile.</summary>
static class WholeFile
{
    /// <summary>A name beside the file's that nobody else has, to write under until it is renamed.</summary>
    public static string AsideOf(string path) => $"{path}.{Guid.NewGuid():N}";

    /// <summary>Writes aside and renames; a file of that name is replaced.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var aside = AsideOf(path);
        File.WriteAllBytes(aside, content);
        File.Move(aside, path, overwrite: true);
    }
}
