using Capstan.Parameters;

namespace Capstan.Cluster.Tests.Training;

public sealed class PaceTests
{
    sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromHours(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }

    [Fact]
    public void A_worker_says_how_far_and_how_fast_it_is_and_what_it_waited_once_a_second()
    {
        var (clock, told) = (new Clock(), new List<string>());
        var pace = new StepPace(1000, clock, told.Add);
        for (var step = 0; step < 20; step++)
        {
            clock.Now += TimeSpan.FromMilliseconds(100);
            pace.Report(new WorkerStep(step, 64, TimeSpan.FromMilliseconds(25)));
        }

        Assert.Equal(
            [
                "batch 10 of 1,000, 640 rows/s, 25 % waiting for work, 00:01:39 left at most",
                "batch 20 of 1,000, 640 rows/s, 25 % waiting for work, 00:01:38 left at most",
            ],
            told);
    }

    [Fact]
    public void Steps_that_are_made_again_are_no_progress_and_no_harm()
    {
        var (clock, told) = (new Clock(), new List<string>());
        var pace = new StepPace(1000, clock, told.Add);
        foreach (var step in new[] { 500, 100 })
        {
            clock.Now += TimeSpan.FromSeconds(0.5);
            pace.Report(new WorkerStep(step, 0, TimeSpan.Zero));
        }

        Assert.StartsWith("batch 101 of 1,000, 0 rows/s, 0 % waiting for work, 36500.00:00:00 left", Assert.Single(told));
    }

    [Fact]
    public void A_worker_of_trees_says_what_of_its_time_it_waited_for_others()
    {
        var pace = new TreePace();
        pace.Add(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.5));

        Assert.Equal("tree 3 of 10, 500 rows/s, 25 % waiting for others, 00:00:14 left at most", pace.Text(1000, 3, 10));
    }
}
