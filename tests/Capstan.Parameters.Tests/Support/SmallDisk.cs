using System.Diagnostics;

namespace Capstan.Parameters.Tests;

/// <summary>A folder that is a disk of its own, in memory, with as much room as it is given.</summary>
sealed class SmallDisk : IDisposable
{
    readonly string _folder;

    public SmallDisk(string folder, string size)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        Run("mount", "-t", "tmpfs", "-o", $"size={size}", "capstan-small-disk", _folder);
    }

    public void Dispose() => Run("umount", "-l", _folder);

    static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!; // no shell is used
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {said}");
    }
}
