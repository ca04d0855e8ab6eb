using Capstan.Gateway.Tests.Fleet;

namespace Capstan.Gateway.Tests.Experiments;

public sealed class ExperimentTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("capstan-ab-").FullName;

    public void Dispose() => Folders.Remove(_folder);

    Experiment Start() => new("m", new FolderExperiments(_folder), new ManualTime());

    static Task<string?> RecordAsync(Experiment experiment, string? request, string? key, double outcome) =>
        experiment.RecordAsync(request, key, outcome, CancellationToken.None);

    [Fact]
    public async Task Outcomes_are_joined_by_request_or_key_once()
    {
        var experiment = Start();
        experiment.Expose("r1", "k1", new Exposure("v1", 0.8, true));
        experiment.Expose("r2", "k2", new Exposure("v2", 0.4, true));
        experiment.Expose("r3", "k2", new Exposure("v2", 0.9, true));
        Assert.Equal("v1", await RecordAsync(experiment, "r1", null, 1));
        Assert.Equal("v2", await RecordAsync(experiment, null, "k2", 0));
        Assert.Null(await RecordAsync(experiment, "r9", null, 1));
        await Assert.ThrowsAsync<RouteRefusedException>(() => RecordAsync(experiment, "r3", null, 1));
        var (versions, comparisons) = await experiment.CompareAsync(CancellationToken.None);
        Assert.Equal(["v1", "v2"], versions.Select(version => version.Version));
        Assert.Equal([1L, 2L], versions.Select(version => version.Exposures));
        Assert.Equal(-Math.Log(0.8), versions[0].Losses.Mean, 9);
        Assert.Equal(-Math.Log(0.1), versions[1].Losses.Mean, 6);
        Assert.Null(Assert.Single(comparisons).Outcome);
    }

    [Fact]
    public async Task What_was_joined_is_taken_up_again()
    {
        var experiment = Start();
        for (var request = 0; request < 300; request++)
        {
            experiment.Expose($"r{request}", null, new Exposure(request % 2 == 0 ? "v1" : "v2", request % 2 == 0 ? 10 : 13, false));
            await RecordAsync(experiment, $"r{request}", null, request % 2 == 0 ? 10 + request % 3 : 11 + request % 3);
        }

        var (before, after) = (await Start().CompareAsync(CancellationToken.None), await experiment.CompareAsync(CancellationToken.None));
        Assert.Equal(after.Comparisons, before.Comparisons);
        Assert.Equal(after.Versions.Select(version => version.Losses), before.Versions.Select(version => version.Losses));
        var comparison = Assert.Single(after.Comparisons);
        Assert.InRange(comparison.Outcome!.Value.Difference, 0.9, 1.1); // There are enough.
        Assert.True(comparison.OutcomeP < 0.001);
    }

    [Fact]
    public async Task The_least_p_of_all_looks_stays()
    {
        var experiment = Start();
        var least = 1.0;
        for (var request = 0; request < 2000; request++)
        {
            experiment.Expose($"r{request}", null, new Exposure(request % 2 == 0 ? "v1" : "v2", null, false));
            await RecordAsync(experiment, $"r{request}", null, request < 600 && request % 2 == 1 ? 1 : request % 4 / 2);
            if ((await experiment.CompareAsync(CancellationToken.None)).Comparisons is [{ OutcomeP: var p }])
            {
                Assert.True(p <= least);
                least = p;
            }
        }

        Assert.InRange(least, 0, 0.05);
    }

    [Fact]
    public void The_oldest_exposures_go_first()
    {
        var log = new ExposureLog(2);
        foreach (var name in new[] { "a", "b", "a", "c" })
        {
            log.Add(name, new Exposure(name, null, false));
        }

        Assert.Null(log.Find("b"));
        Assert.NotNull(log.Find("a"));
        Assert.NotNull(log.Find("c"));
    }
}
