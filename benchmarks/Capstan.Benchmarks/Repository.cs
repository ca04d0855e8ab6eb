namespace Capstan.Benchmarks;

static class Repository
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Capstan.slnx")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("Benchmarks run from within Capstan's repository.");
        }

        return folder.FullName;
    }
}
