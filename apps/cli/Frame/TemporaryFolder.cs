namespace Capstan.Cli;

/// <summary>A folder for as long as a command runs.</summary>
sealed class TemporaryFolder(string prefix) : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory(prefix);

    public string Path => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
