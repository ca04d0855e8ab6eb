namespace Capstan.Data;

/// <summary>
/// Opens temporary files that no process leaves behind: they are gone with their handle, however the process ends.
/// </summary>
public static class TemporaryFile
{
    /// <param name="folder">Where it takes its room; null for the system's temporary folder.</param>
    /// <param name="purpose">The start of the name that it has for a moment.</param>
    /// <exception cref="IOException">The folder is not there or full.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static FileStream Create(string? folder, string purpose)
    {
        var path = Path.Combine(Path.GetFullPath(folder ?? Path.GetTempPath()), $"{purpose}-{Guid.NewGuid():N}.spill");
        var windows = OperatingSystem.IsWindows();
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            BufferSize = 0,
            Options = windows ? FileOptions.DeleteOnClose : FileOptions.None,
        };
        if (!windows)
        {
            // Rows are their owner's business, even for the moment that the file has a name.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var file = new FileStream(path, options);
        if (!windows)
        {
            // DeleteOnClose is only kept by the runtime here, which a killed process no longer runs. An open file without a
            // name is kept by the kernel.
            File.Delete(path);
        }

        return file;
    }
}
