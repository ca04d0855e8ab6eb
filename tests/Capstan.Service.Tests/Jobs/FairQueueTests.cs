using Capstan.Registry;

namespace Capstan.Service.Tests.Jobs;

public sealed class FairQueueTests
{
    static WorkItem Job(string project, long sequence, long priority = 0) =>
        new($"projects/{project}/jobs/j{sequence}", "job", project, priority, DateTimeOffset.UnixEpoch, 0) { Sequence = sequence };

    [Fact]
    public void Nothing_waits() => Assert.Null(FairQueue.Next([], ["a"]));

    [Fact]
    public void A_projects_thousand_jobs_do_not_keep_anothers_single_one_waiting()
    {
        WorkItem[] waiting = [.. Enumerable.Range(1, 1000).Select(index => Job("many", index)), Job("one", 1001)];
        Assert.Equal("one", FairQueue.Next(waiting, ["many"])!.Project);
        Assert.Equal("many", FairQueue.Next(waiting, ["one"])!.Project);
        Assert.Equal("many", FairQueue.Next(waiting, [])!.Project);
    }

    [Fact]
    public void Priority_counts_within_a_project_alone()
    {
        WorkItem[] waiting = [Job("a", 1), Job("a", 2, priority: 5), Job("b", 3, priority: 1000)];
        Assert.Equal(2, FairQueue.Next(waiting, ["b"])!.Sequence);
        Assert.Equal(3, FairQueue.Next(waiting, ["a"])!.Sequence);
    }

    [Fact]
    public void Slots_are_shared_evenly_in_the_long_run()
    {
        var waiting = Enumerable.Range(1, 300).Select(index => Job(index <= 200 ? "a" : index <= 260 ? "b" : "c", index)).ToList();
        var running = new List<string>();
        for (var slots = 0; slots < 9; slots++)
        {
            var next = FairQueue.Next(waiting, running)!;
            waiting.Remove(next);
            running.Add(next.Project);
        }

        Assert.Equal([3, 3, 3], running.CountBy(project => project).Select(each => each.Value));
    }
}
