using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace Capstan.Architecture.Tests;

/// <summary>The repository as these tests see it: its files, its projects, the table in ARCHITECTURE.md.</summary>
static class Repository
{
    public static string Root { get; } = RootOf();

    /// <summary>The projects under src/, each with what it references.</summary>
    public static IReadOnlyList<Station> Stations { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Station.Read)];

    /// <summary>The rows of the table in ARCHITECTURE.md: assembly → the assemblies it may reference.</summary>
    public static IReadOnlyDictionary<string, string[]> Table { get; } = File.ReadLines(Path.Combine(Root, "ARCHITECTURE.md"))
        .Select(line => line.Split('|').Select(cell => cell.Trim()).ToArray())
        .Where(cells => cells.Length == 5 && (cells[1] == "Capstan" || cells[1].StartsWith("Capstan.", StringComparison.Ordinal)))
        .ToDictionary(cells => cells[1], cells => cells[3].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The C# files that people wrote under some folders, as paths from the root.</summary>
    public static IEnumerable<string> Sources(params string[] folders) => folders
        .Select(folder => Path.Combine(Root, folder)).Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
        .Select(path => Path.GetRelativePath(Root, path))
        .Where(path => !path.Split('/').Any(part => part is "bin" or "obj"))
        .Order(StringComparer.Ordinal);

    static string RootOf([CallerFilePath] string caller = "")
    {
        var folder = Path.GetDirectoryName(caller);
        while (folder is not null && !File.Exists(Path.Combine(folder, "ARCHITECTURE.md")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new FileNotFoundException($"No ARCHITECTURE.md above {caller}.");
    }
}

/// <param name="Name">The assembly.</param>
/// <param name="References">The Capstan assemblies that its project file names.</param>
/// <param name="IsAotCompatible">The project file says so, which turns the analyzers of Native AOT on.</param>
sealed record Station(string Name, string[] References, bool IsAotCompatible)
{
    public Assembly Load() => Assembly.Load(Name);

    public static Station Read(string path)
    {
        var project = XDocument.Load(path);
        return new Station(
            Path.GetFileNameWithoutExtension(path),
            [.. project.Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))], // MSBuild demands it.
            project.Descendants("IsAotCompatible").Any(value => value.Value.Trim() == "true"));
    }
}
