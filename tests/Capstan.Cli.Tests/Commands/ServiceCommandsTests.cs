using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Capstan.Cli.Tests.Commands;

/// <summary>The commands of a server's resources, on a data folder without a server.</summary>
public sealed class ServiceCommandsTests
{
    static string Sample(string name, [CallerFilePath] string caller = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(caller)!, "..", "..", "..", "samples", name));

    /// <summary>Three pipelines of three families: a stream of hashed crosses, a network, boosted trees.</summary>
    [Fact]
    public async Task Three_samples_are_reproduced_from_what_is_known_of_their_versions()
    {
        using var place = await Workplace.WithTripsAsync(600);
        var flights = await FlightsAsync(place);
        (string Name, string Pipeline, string Rows)[] samples =
        [
            ("trips", Sample("trips/pipeline.json"), place.At("trips.csv")),
            ("network", Sample("flights/network.json"), flights),
            ("trees", Sample("flights/trees.json"), flights),
        ];
        foreach (var (name, pipeline, rows) in samples)
        {
            await Workplace.DoAsync("train", pipeline, "--data", rows, "--out", place.At(name), "--quiet");
            await Workplace.DoAsync("models", "create", name, "--data", place.At("data"));
            await Workplace.DoAsync("versions", "create", $"{name}/v1", "--origin", place.At(name), "--data", place.At("data"));
            var result = await Workplace.AskAsync("reproduce", $"{name}/v1", "--data", place.At("data"), "--quiet");
            Assert.True(result.GetProperty("same").GetBoolean());
            Assert.Equal(TrainedModel.Load(place.At(name)).Hash.ToString(), result.GetProperty("found").GetString());
        }

        // Other rows are another model, and the command says so.
        var later = place.At("later.csv");
        File.WriteAllLines(later, File.ReadLines(place.At("trips.csv")).Take(400));
        var terminal = new Frame.CapturedTerminal();
        Assert.Equal(ExitCodes.Failure, await terminal.RunAsync("reproduce", "trips/v1", "--data", place.At("data"), "--rows", later, "--json"));
        Assert.False((bool)JsonNode.Parse(terminal.Output)!["same"]!);
    }

    [Fact]
    public async Task What_a_backup_holds_is_there_after_restoring_it()
    {
        using var place = await Workplace.WithTripsAsync(300);
        await Workplace.DoAsync("train", "--data", place.At("trips.csv"), "--label", "fare_amount", "--out", place.At("m"), "--quiet");
        await Workplace.DoAsync("models", "create", "m", "--data", place.At("data"));
        await Workplace.DoAsync("versions", "create", "m/v1", "--origin", place.At("m"), "--data", place.At("data"));
        await Workplace.DoAsync("backup", place.At("copy"), "--data", place.At("data"));
        await Workplace.DoAsync("restore", place.At("copy"), "--data", place.At("restored"));
        var version = await Workplace.AskAsync("versions", "describe", "m/v1", "--data", place.At("restored"));
        Assert.Equal(("READY", true), (version.GetProperty("state").GetString(), version.GetProperty("isDefault").GetBoolean()));
        Assert.Contains("exists already", await Workplace.RefuseAsync(ExitCodes.Failure, "backup", place.At("copy"), "--data", place.At("data")));
    }

    [Theory]
    [InlineData("there is no action", "models", "paint")]
    [InlineData("name is missing", "models", "create")]
    [InlineData("names no version", "versions", "describe", "m")]
    [InlineData("not found", "versions", "describe", "m/v1")]
    [InlineData("no action", "jobs", "paint")]
    [InlineData("--role was given", "access", "grant", "user:a", "--project", "p", "--role", "king")]
    public async Task What_is_wrong_is_told(string words, params string[] line)
    {
        using var place = await Workplace.WithTripsAsync(2);
        var terminal = new Frame.CapturedTerminal();
        Assert.NotEqual(ExitCodes.Ok, await terminal.RunAsync([.. line, "--data", place.At("data")]));
        Assert.Contains(words.Split(' ')[^1], terminal.Error);
        Assert.DoesNotContain("mistake in Capstan", terminal.Error);
    }

    /// <summary>Some of the flights that ship with the sample.</summary>
    static async Task<string> FlightsAsync(Workplace place)
    {
        var path = place.At("flights.parquet");
        var rows = Dataset.Read(Sample("flights/flights.parquet")).Where("month(date) == 3");
        await rows.SaveAsync(path);
        return path;
    }
}
