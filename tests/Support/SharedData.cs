namespace Capstan.Tests.Support;

/// <summary>The folder of real data sets beside the repository, where there is one.</summary>
static class SharedData
{
    public static string File(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "Capstan.slnx")))
            {
                for (var outside = folder.Parent; outside is not null; outside = outside.Parent)
                {
                    var path = Path.Combine(outside.FullName, "shared", "data", name);
                    if (System.IO.File.Exists(path))
                    {
                        return path;
                    }
                }
            }
        }

        Assert.Skip($"shared/data/{name} is not beside the repository.");
        return "";
    }
}
