using System.Collections.Immutable;

namespace Capstan.Cluster.Tests;

public sealed class JobTests
{
    /// <summary>Counts to a number, a file for each; whoever coordinates next goes on where the files end. Workers write who they are.</summary>
    sealed class Counting(int to, TaskCompletionSource<string>? held = null) : IJobWork
    {
        public string Kind => "counting";

        public async Task<string> CoordinateAsync(ICoordination job, CancellationToken cancellationToken)
        {
            job.Publish($"epoch {job.Epoch}");
            job.Log($"begins under epoch {job.Epoch}");
            for (var number = 1; number <= to; number++)
            {
                var file = Path.Combine(job.Job.Folder, $"{number}");
                if (!File.Exists(file))
                {
                    File.WriteAllText(file, "");
                }

                job.Progress($"{number} of {to}");
                if (number == 2 && held is not null && job.Epoch == 1)
                {
                    held.TrySetResult(job.Address.ToString());
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }
            }

            for (var worker = 0; worker < job.Job.Workers; worker++)
            {
                while (!File.Exists(Path.Combine(job.Job.Folder, $"worker-{worker}")))
                {
                    await Task.Delay(20, cancellationToken);
                }
            }

            return $"counted to {to}";
        }

        public async Task WorkAsync(IWorkplace job, CancellationToken cancellationToken)
        {
            var endpoint = await job.EndpointAsync(cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(job.Job.Folder, $"worker-{job.Index}"), endpoint, cancellationToken);
            job.Log("was here");
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }

    sealed class Failing : IJobWork
    {
        public string Kind => "counting";

        public Task<string> CoordinateAsync(ICoordination job, CancellationToken cancellationToken) => throw new JobFailedException("there is nothing to count");

        public Task WorkAsync(IWorkplace job, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    [Fact]
    public async Task A_coordinator_that_was_taken_for_dead_changes_nothing_of_a_job_that_was_ended_without_it()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-jobs-");
        var database = ClusterDatabase.Parse($"sqlite:{Path.Combine(folder.FullName, "cluster.db")}");
        await database.PrepareAsync(CancellationToken.None);
        var jobs = new JobStore(database, "capstan", TimeProvider.System);
        await jobs.TryAddAsync(new JobDefinition("job", "counting", "", folder.FullName), CancellationToken.None);
        Assert.True(await jobs.TryAppointAsync((await jobs.FindAsync("job", CancellationToken.None))!, "node", "", CancellationToken.None)); // just added
        Assert.False(await jobs.EndUnattendedAsync("job", CancellationToken.None)); // nobody wants it to end

        await jobs.CancelAsync("job", CancellationToken.None);
        Assert.True(await jobs.EndUnattendedAsync("job", CancellationToken.None));

        Assert.False(await jobs.TryTellAsync("job", 1, "here", "half", CancellationToken.None));
        Assert.False(await jobs.TryEndAsync("job", 1, JobState.Succeeded, "done", "all", CancellationToken.None));
        var job = (await jobs.FindAsync("job", CancellationToken.None))!; // as above
        Assert.Equal((JobState.Cancelled, 2L, "", true), (job.State, job.Epoch, job.Result, job.Ended is not null));
        Assert.False(await jobs.EndUnattendedAsync("job", CancellationToken.None));
        folder.Remove();
    }

    static JobStore Jobs(TestCluster cluster) => new(cluster.Database, "capstan", TimeProvider.System);

    static JobDefinition Job(TestCluster cluster, string id = "job", int workers = 2) => new(id, "counting", "", cluster.Folder) { Workers = workers };

    static async Task<JobRecord> OverAsync(JobStore jobs, string id = "job")
    {
        JobRecord? job = null;
        await TestCluster.UntilAsync($"{id} is over", async () => (job = await jobs.FindAsync(id, CancellationToken.None)) is { IsOver: true });
        return job!;
    }

    [Fact]
    public async Task A_job_that_was_submitted_before_there_were_nodes_is_done_when_they_come()
    {
        await using var cluster = new TestCluster();
        await cluster.Database.PrepareAsync(CancellationToken.None);
        var jobs = Jobs(cluster);
        Assert.True(await jobs.TryAddAsync(Job(cluster), CancellationToken.None));
        Assert.False(await jobs.TryAddAsync(Job(cluster), CancellationToken.None));

        await cluster.StartAsync(options => options with { Works = [new Counting(5)] });
        await TestCluster.UntilAsync("it says what it waits for", async () =>
            (await jobs.FindAsync("job", CancellationToken.None))!.Reason == "waits for 1 worker");
        await cluster.StartAsync(options => options with { Works = [new Counting(5)] });

        var job = await OverAsync(jobs);
        Assert.Equal((JobState.Succeeded, "counted to 5", "5 of 5"), (job.State, job.Result, job.Progress));
        // The first epoch, if not all of them were kept from running so long that each thought the others dead.
        Assert.Contains(File.ReadAllText(Path.Combine(cluster.Folder, "worker-1")), Enumerable.Range(1, (int)job.Epoch).Select(epoch => $"epoch {epoch}"));
        await TestCluster.UntilAsync("all lines are there", async () =>
            (await jobs.LinesAsync("job", 0, CancellationToken.None)).Select(line => line.Member).ToHashSet().IsSupersetOf(["coordinator", "worker-0", "worker-1"]));
    }

    [Fact]
    public async Task When_the_coordinators_node_leaves_another_goes_on_under_the_next_epoch()
    {
        await using var cluster = new TestCluster();
        var jobs = Jobs(cluster);
        var held = new TaskCompletionSource<string>();
        var nodes = new List<ClusterNode>();
        for (var index = 0; index < 3; index++)
        {
            nodes.Add(await cluster.StartAsync(options => options with { Name = $"n{index}", Works = [new Counting(5, held)] }));
        }

        await jobs.TryAddAsync(Job(cluster), CancellationToken.None);
        await held.Task;
        var coordinator = (await jobs.FindAsync("job", CancellationToken.None))!.Coordinator;

        await nodes.Single(node => node.Name == coordinator).StopAsync(CancellationToken.None);

        var job = await OverAsync(jobs);
        Assert.Equal(JobState.Succeeded, job.State);
        Assert.InRange(job.Epoch, 2, long.MaxValue);
        Assert.NotEqual(coordinator, job.Coordinator);
        Assert.Contains(await jobs.LinesAsync("job", 0, CancellationToken.None), line => line.Text.Contains($"since {coordinator} does not answer"));
    }

    [Fact]
    public async Task Cancelling_ends_a_job_that_runs_and_one_that_waits()
    {
        await using var cluster = new TestCluster();
        var jobs = Jobs(cluster);
        var held = new TaskCompletionSource<string>();
        await cluster.StartAsync(options => options with { Works = [new Counting(5, held)] });
        await jobs.TryAddAsync(Job(cluster, "runs", 1), CancellationToken.None);
        await jobs.TryAddAsync(Job(cluster, "waits", 1), CancellationToken.None);
        await held.Task;

        Assert.True(await jobs.CancelAsync("waits", CancellationToken.None));
        Assert.True(await jobs.CancelAsync("runs", CancellationToken.None));

        Assert.Equal((JobState.Cancelled, "cancelled before it began"), ((await OverAsync(jobs, "waits")).State, (await OverAsync(jobs, "waits")).Reason));
        Assert.Equal(JobState.Cancelled, (await OverAsync(jobs, "runs")).State);
        Assert.False(await jobs.CancelAsync("runs", CancellationToken.None));
    }

    [Fact]
    public async Task A_job_that_can_not_be_done_fails_with_its_reason()
    {
        await using var cluster = new TestCluster();
        var jobs = Jobs(cluster);
        await cluster.StartAsync(options => options with { Works = [new Failing()] });
        await jobs.TryAddAsync(Job(cluster, workers: 1), CancellationToken.None);
        await jobs.TryAddAsync(Job(cluster, "unknown", 1) with { Kind = "dancing" }, CancellationToken.None);

        Assert.Equal("there is nothing to count", (await OverAsync(jobs)).Reason);
        Assert.Equal("no node knows how to do jobs of the kind 'dancing'", (await OverAsync(jobs, "unknown")).Reason);
    }

    [Fact]
    public async Task Who_was_replaced_writes_nothing_any_more()
    {
        await using var cluster = new TestCluster();
        await cluster.Database.PrepareAsync(CancellationToken.None);
        var jobs = Jobs(cluster);
        await jobs.TryAddAsync(Job(cluster), CancellationToken.None);
        var fresh = (await jobs.FindAsync("job", CancellationToken.None))!;
        Assert.True(await jobs.TryAppointAsync(fresh, "first", "", CancellationToken.None));
        Assert.False(await jobs.TryAppointAsync(fresh, "other", "", CancellationToken.None));
        Assert.True(await jobs.TryTellAsync("job", 1, "here", "half", CancellationToken.None));
        Assert.True(await jobs.TryAppointAsync((await jobs.FindAsync("job", CancellationToken.None))!, "second", "", CancellationToken.None));

        Assert.False(await jobs.TryTellAsync("job", 1, "there", "more", CancellationToken.None));
        Assert.False(await jobs.TryEndAsync("job", 1, JobState.Succeeded, "", "wrong", CancellationToken.None));
        Assert.Equal("second", (await jobs.FindAsync("job", CancellationToken.None))!.Coordinator);
    }

    [Fact]
    public async Task Jobs_get_their_turn_by_priority_and_then_by_age()
    {
        await using var cluster = new TestCluster();
        await cluster.Database.PrepareAsync(CancellationToken.None);
        var jobs = Jobs(cluster);
        foreach (var (id, priority) in new[] { ("old", 0), ("urgent", 5), ("young", 0) })
        {
            await jobs.TryAddAsync(Job(cluster, id) with { Priority = priority }, CancellationToken.None);
        }

        Assert.Equal(["urgent", "old", "young"], (await jobs.WaitingAndRunningAsync(CancellationToken.None)).Select(job => job.Definition.Id));
    }
}
