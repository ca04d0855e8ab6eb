namespace Capstan.Benchmarks;

static class Repository
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root() => Upwards(AppContext.BaseDirectory)
        .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "Capstan.slnx")))
        ?? throw new DirectoryNotFoundException("Benchmarks run from within Capstan's repository.");

    /// <summary>A file beside the repository or beside one of the folders around it; null where there is none.</summary>
    public static string? FindBeside(string path) =>
        Upwards(Root()).Skip(1).Select(folder => Path.Combine(folder, path)).FirstOrDefault(File.Exists);

    static IEnumerable<string> Upwards(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            yield return folder.FullName;
        }
    }
}
