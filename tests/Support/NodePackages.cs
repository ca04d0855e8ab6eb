using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Capstan.Tests.Support;

/// <summary>Programs of others from npm, in <c>.capstan/npm</c>, where ./test installs them: clients and servers to test against.</summary>
static class NodePackages
{
    static string Root { get; } = Path.Combine(RootOf(), ".capstan", "npm");

    /// <summary>Skips the test that asks where a package is not installed.</summary>
    public static void Require(string package) => Assert.SkipUnless(
        Directory.Exists(Path.Combine(Root, "node_modules", package)), $"needs npm's {package}, which ./test installs where it may");

    /// <summary>Node, of the version that the packages want, about to run something that can use them.</summary>
    public static ProcessStartInfo Start(params IEnumerable<string> line)
    {
        var installed = Directory.Exists(Path.Combine(Root, "node_modules"))
            ? Directory.EnumerateDirectories(Path.Combine(Root, "node_modules"), "node-linux-*").Select(folder => Path.Combine(folder, "bin", "node"))
            : [];
        var start = new ProcessStartInfo(installed.FirstOrDefault(File.Exists) ?? "node", line)
        {
            WorkingDirectory = Root, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["NODE_PATH"] = Path.Combine(Root, "node_modules");
        return start;
    }

    static string RootOf([CallerFilePath] string caller = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(caller)!, "..", ".."));
}
