namespace Capstan.Cluster.Tests;

public sealed class JobCleaningTests : IDisposable
{
    sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("capstan-cleaning-");
    readonly Clock _clock = new();
    readonly NodeOptions _options;
    readonly JobStore _jobs;

    public JobCleaningTests()
    {
        _options = new NodeOptions { Database = ClusterDatabase.Parse($"sqlite:{Path.Combine(_folder.FullName, "cluster.db")}"), Token = JoinToken.Create() };
        _jobs = new JobStore(_options.Database, _options.Cluster, _clock);
    }

    public void Dispose() => _folder.Remove();

    [Fact]
    public async Task Of_jobs_that_are_over_only_logs_and_results_stay()
    {
        var training = TrainingOrder.Of(Pipeline.Parse("""{"label":"a","estimator":{"kind":"LinearRegressor"}}"""), ["a.csv"], "/models/m").Write();
        await AddAsync("done", TrainingOrder.Kind, training, JobState.Succeeded);
        await AddAsync("failed", TrainingOrder.Kind, training, JobState.Failed);
        await AddAsync("cancelled", DataOrder.Kind, new DataOrder(DataAction.Describe, ["a.csv"]).Write(), JobState.Cancelled);
        await AddAsync("under-way", TrainingOrder.Kind, training, null);
        await AddAsync("others", "counting", "", JobState.Succeeded);
        var cleaning = JobWorks.CleaningOf(_options, _clock);

        await cleaning.RunAsync(CancellationToken.None);
        Assert.Equal(8, Left("done").Length); // members may not have heard of the end yet

        _clock.Now += TimeSpan.FromSeconds(4);
        await cleaning.RunAsync(CancellationToken.None);
        Assert.Equal(["model", "others", "transform-1.json", "worker-1.log"], Left("done"));
        Assert.Equal(Left("done"), Left("failed"));
        Assert.Equal(["checkpoints", "model", "others", "training.json", "worker-1.log"], Left("cancelled"));
        Assert.Equal((8, 8), (Left("under-way").Length, Left("others").Length));

        // Ended later, by a cleaner that has seen all before.
        await EndAsync("under-way", JobState.Succeeded);
        _clock.Now += TimeSpan.FromSeconds(4);
        await cleaning.RunAsync(CancellationToken.None);
        Assert.Equal(Left("done"), Left("under-way"));
    }

    [Fact]
    public async Task Answers_stay_for_whoever_asked_and_not_for_ever()
    {
        await AddAsync("asked", DataOrder.Kind, new DataOrder(DataAction.Evaluate, ["a.csv"]).Write(), JobState.Succeeded);
        await AddAsync("written", DataOrder.Kind, new DataOrder(DataAction.Predict, ["a.csv"]) { Out = "/out.csv" }.Write(), JobState.Succeeded);
        var cleaning = JobWorks.CleaningOf(_options, _clock);
        _clock.Now += TimeSpan.FromHours(23);

        await cleaning.RunAsync(CancellationToken.None);
        Assert.Contains("parts", Left("asked"));
        Assert.DoesNotContain("analyses", Left("asked"));
        Assert.DoesNotContain("parts", Left("written"));

        _clock.Now += TimeSpan.FromHours(2);
        await cleaning.RunAsync(CancellationToken.None);
        Assert.DoesNotContain("parts", Left("asked"));
    }

    [Fact]
    public async Task What_a_killed_cleaner_left_the_next_one_removes()
    {
        await AddAsync("asked", DataOrder.Kind, new DataOrder(DataAction.Predict, ["a.csv"]) { Out = "/out.csv" }.Write(), JobState.Succeeded);
        _clock.Now += TimeSpan.FromDays(100);
        // It had come to half of the parts.
        File.Delete(Path.Combine(FolderOf("asked"), "parts", "0"));
        Directory.Delete(Path.Combine(FolderOf("asked"), "analyses"), recursive: true);

        await JobWorks.CleaningOf(_options, _clock).RunAsync(CancellationToken.None);

        Assert.DoesNotContain("parts", Left("asked"));
        await JobWorks.CleaningOf(_options, _clock).RunAsync(CancellationToken.None); // nothing is left, which is no problem
        Directory.Delete(FolderOf("asked"), recursive: true);
        await JobWorks.CleaningOf(_options, _clock).RunAsync(CancellationToken.None);
    }

    string FolderOf(string job) => Path.Combine(_folder.FullName, job);

    string[] Left(string job) => [.. new DirectoryInfo(FolderOf(job)).GetFileSystemInfos().Select(each => each.Name).Order(StringComparer.Ordinal)];

    async Task AddAsync(string id, string kind, string work, JobState? end)
    {
        await _options.Database.PrepareAsync(CancellationToken.None);
        var folder = Directory.CreateDirectory(FolderOf(id)).FullName;
        foreach (var file in (string[])["parts/0", "parts/1", "analyses/0", "checkpoints/1/a.state", "model/model.json", "training.json", "transform-1.json", "worker-1.log", "others/kept"])
        {
            var path = Path.Combine(folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!); // below the folder
            File.WriteAllText(path, "");
        }

        await _jobs.TryAddAsync(new JobDefinition(id, kind, work, folder), CancellationToken.None);
        if (end is { } state)
        {
            await EndAsync(id, state);
        }
    }

    async Task EndAsync(string id, JobState state) => Assert.True(await _jobs.TryEndAsync(id, 0, state, "", "", CancellationToken.None));
}
