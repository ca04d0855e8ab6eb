using System.Runtime.CompilerServices;

namespace Capstan.Tests.Support;

/// <summary>Texts that must not change unnoticed: compared with a file under Golden/, which only UPDATE_GOLDEN=1 rewrites.</summary>
static class GoldenText
{
    public static void Check(string name, string actual, [CallerFilePath] string caller = "")
    {
        var root = Path.GetDirectoryName(caller)!;
        while (!Directory.Exists(Path.Combine(root, "Golden")))
        {
            root = Path.GetDirectoryName(root) ?? throw new DirectoryNotFoundException($"No folder Golden above {caller}.");
        }

        var path = Path.Combine(root, "Golden", name);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), $"{path} is missing; run with UPDATE_GOLDEN=1 and review what it writes.");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
