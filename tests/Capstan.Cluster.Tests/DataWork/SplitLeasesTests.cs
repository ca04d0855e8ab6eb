namespace Capstan.Cluster.Tests;

public sealed class SplitLeasesTests
{
    readonly Clock _clock = new();
    readonly SplitLeases _leases;

    public SplitLeasesTests() => _leases = new SplitLeases(_clock);

    [Fact]
    public async Task Splits_are_given_out_in_the_order_in_which_they_were_wanted_each_once()
    {
        var wanted = Enumerable.Range(0, 3).Select(split => _leases.WantAsync("work", split, null, CancellationToken.None)).ToArray();

        Assert.Equal((0, 1, 2), (_leases.Take("a")!.Value.Split, _leases.Take("b")!.Value.Split, _leases.Take("a")!.Value.Split));
        Assert.Null(_leases.Take("c"));
        Assert.True(_leases.IsBusy);

        Enumerable.Range(0, 3).ToList().ForEach(number => _leases.Complete(number));
        await Task.WhenAll(wanted);
        Assert.False(_leases.IsBusy);
        _leases.Complete(1);
    }

    [Fact]
    public void What_a_lost_worker_had_is_given_to_the_next()
    {
        _ = _leases.WantAsync("work", 0, null, CancellationToken.None);
        _ = _leases.WantAsync("work", 1, null, CancellationToken.None);
        var first = _leases.Take("lost");

        _leases.Leave("lost");

        Assert.Equal(first, _leases.Take("next"));
    }

    [Fact]
    public async Task A_split_that_a_worker_is_late_with_is_repeated_by_one_without_other_work_and_the_first_answer_counts()
    {
        var late = _leases.WantAsync("work", 0, null, CancellationToken.None);
        var lease = _leases.Take("slow")!.Value;
        Assert.Null(_leases.Take("idle"));

        _clock.Now += TimeSpan.FromSeconds(11);
        _ = _leases.WantAsync("work", 1, null, CancellationToken.None);

        Assert.Equal(1, _leases.Take("idle")!.Value.Split);
        Assert.Equal(lease, _leases.Take("idle"));
        Assert.Null(_leases.Take("slow"));
        _leases.Complete(lease.Number);
        await late;
        _leases.Fail(lease.Number, "too late to matter");
    }

    [Fact]
    public async Task What_can_not_be_done_fails_for_who_wanted_it_with_the_workers_words()
    {
        var wanted = _leases.WantAsync("work", 0, null, CancellationToken.None);
        _leases.Fail(_leases.Take("a")!.Value.Number, "worker-1 at 10.0.0.7: there is no such file");

        Assert.Equal("worker-1 at 10.0.0.7: there is no such file", (await Assert.ThrowsAsync<JobFailedException>(() => wanted)).Message);
    }

    [Fact]
    public async Task What_nobody_wants_any_more_is_given_to_nobody()
    {
        using var end = new CancellationTokenSource();
        var wanted = _leases.WantAsync("work", 0, null, end.Token);

        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wanted);
        Assert.Null(_leases.Take("a"));
    }

    sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromHours(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
