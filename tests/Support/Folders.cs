using System.Diagnostics;

namespace Capstan.Tests.Support;

/// <summary>Folders of a test's own, which are gone after it.</summary>
static class Folders
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Removes a folder with all that is in it.</summary>
    /// <remarks>
    /// A process that was told to end, or has written its last word, may still write for a moment: what comes into the folder while it is removed is
    /// removed as well.
    /// </remarks>
    public static void Remove(this DirectoryInfo folder)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                Directory.Delete(folder.FullName, recursive: true);
                return;
            }
            catch (DirectoryNotFoundException) when (!Directory.Exists(folder.FullName))
            {
                return;
            }
            catch (IOException) when (waited.Elapsed < Patience)
            {
                Thread.Sleep(20);
            }
        }
    }

    /// <inheritdoc cref="Remove(DirectoryInfo)"/>
    public static void Remove(string folder) => new DirectoryInfo(folder).Remove();
}
