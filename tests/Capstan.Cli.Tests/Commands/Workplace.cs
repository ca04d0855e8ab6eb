using System.Text.Json;
using Capstan.Cli.Tests.Frame;
using Capstan.Data;

namespace Capstan.Cli.Tests.Commands;

/// <summary>A folder of a test's own with some simulated trips in it, and the command line to work on them.</summary>
sealed class Workplace : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("capstan-cli-").FullName;

    public static async Task<Workplace> WithTripsAsync(int rows = 2000)
    {
        var place = new Workplace();
        await new TripSimulator(1, rows, TripDrift.None).WriteCsvAsync(place.At("trips.csv"), null, CancellationToken.None);
        return place;
    }

    public IEnumerable<string> Entries => Directory.EnumerateFileSystemEntries(_folder, "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(_folder, path)).Order(StringComparer.Ordinal);

    public string At(string name) => Path.Combine(_folder, name);

    public string Write(string name, params IEnumerable<string> lines)
    {
        File.WriteAllLines(At(name), lines);
        return At(name);
    }

    /// <summary>Runs a command that must succeed and gives its terminal.</summary>
    public static async Task<CapturedTerminal> DoAsync(params string[] words)
    {
        var terminal = new CapturedTerminal();
        var exitCode = await terminal.RunAsync(words);
        Assert.True(exitCode == ExitCodes.Ok, $"capstan {string.Join(' ', words)} ended with {exitCode}: {terminal.Error}");
        return terminal;
    }

    /// <summary>Runs a command for programs.</summary>
    public static async Task<JsonElement> AskAsync(params string[] words) =>
        JsonDocument.Parse((await DoAsync([.. words, "--json"])).Output).RootElement;

    /// <summary>Runs a command that must fail and gives what it says.</summary>
    public static async Task<string> RefuseAsync(int exitCode, params string[] words)
    {
        var terminal = new CapturedTerminal();
        var found = await terminal.RunAsync(words);
        Assert.True(exitCode == found, $"capstan {string.Join(' ', words)} ended with {found}: {terminal.Error}");
        Assert.Empty(terminal.Output);
        Assert.StartsWith($"capstan {words[0]}: ", terminal.Error[terminal.Error.IndexOf($"capstan {words[0]}: ", StringComparison.Ordinal)..]);
        Assert.DoesNotContain("mistake in Capstan", terminal.Error);
        return terminal.Error;
    }

    public void Dispose() => Folders.Remove(_folder);
}
