using Capstan.Serving;

namespace Capstan.Gateway.Tests.Fleet;

public sealed class ReplicaGroupTests : IAsyncLifetime
{
    readonly OwnReplicas _host = new();
    readonly ManualTime _time = new();
    readonly ReplicaClient _client = new();
    ReplicaGroup _group = null!; // Made before any test runs.

    static RoutingTable Table => new(
        1, [new ModelRoute("m", [GoldenArtifacts.Version("v1", "artifact-v1-2-linear")], [], Split.AllTo("v1"))]);

    static TimeSpan Patience => Waiting.Patience;

    public ValueTask InitializeAsync()
    {
        _group = new ReplicaGroup("m", Table, new ScaleSettings { MaxConcurrency = 2, MaxNodes = 3 }, Options(), _client);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _group.DisposeAsync();
        Assert.Empty(_host.Running);
        _client.Dispose();
    }

    GatewayOptions Options() => new() { Home = "unused", Replicas = _host, Time = _time, MostHeld = 5 };

    async Task<ReplicaLease> AcquireAsync() => (await _group.AcquireAsync(Patience, CancellationToken.None))!; // There is room for all.

    [Fact]
    public async Task The_first_request_starts_the_first_replica_and_is_held_for_it()
    {
        Assert.Empty(_host.Started);
        using var lease = await AcquireAsync();
        Assert.Equal(_host.Started.Single().Address, lease.Address);
        Assert.Equal(1, _host.Started.Single().Generation);
        Assert.Equal((1, 1, 0), (_group.State.Ready, _group.State.InProgress, _group.State.Held));
    }

    [Fact]
    public async Task Places_are_given_in_the_order_of_arrival_and_no_replica_gets_more_than_its_limit()
    {
        var (first, second) = (await AcquireAsync(), await AcquireAsync());
        var waiting = Enumerable.Range(0, 3).Select(_ => AcquireAsync()).ToArray();
        Assert.Equal(3, _group.State.Held);
        first.Dispose();
        var third = await waiting[0];
        Assert.False(waiting[1].IsCompleted);
        second.Dispose();
        var fourth = await waiting[1];
        third.Dispose();
        using var fifth = await waiting[2];
        fourth.Dispose();
        Assert.Equal((1, 0), (_group.State.InProgress, _group.State.Held));
    }

    [Fact]
    public async Task Beyond_the_bound_nobody_waits()
    {
        using var first = await AcquireAsync();
        using var second = await AcquireAsync();
        var waiting = Enumerable.Range(0, 5).Select(_ => AcquireAsync()).ToArray();
        Assert.Null(await _group.AcquireAsync(Patience, CancellationToken.None));
        Assert.Null(await _group.AcquireAsync(TimeSpan.Zero, CancellationToken.None));
        first.Dispose();
        second.Dispose();
        foreach (var place in waiting)
        {
            (await place).Dispose();
        }

        Assert.Equal(0, _group.State.InProgress);
    }

    [Fact]
    public async Task A_caller_that_goes_leaves_its_place_to_the_next()
    {
        using var first = await AcquireAsync();
        using var second = await AcquireAsync();
        using var gone = new CancellationTokenSource();
        var leaving = _group.AcquireAsync(Patience, gone.Token);
        var staying = AcquireAsync();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        first.Dispose();
        (await staying).Dispose();
    }

    [Fact]
    public async Task An_idle_model_has_no_replica_after_window_and_grace_and_one_again_with_the_next_request()
    {
        (await AcquireAsync()).Dispose();
        for (var second = 0; second < 60 + 30 + 4; second += 2)
        {
            _time.Advance(2);
            _group.Look();
        }

        Assert.Equal((0, 0, "idle"), (_group.State.Ready, _group.State.Wanted, _group.State.Reason));
        await _host.Started.Single().Exited;
        (await AcquireAsync()).Dispose();
        Assert.Equal(2, _host.Started.Count);
    }

    [Fact]
    public async Task A_replica_that_is_to_go_finishes_what_it_has()
    {
        using var lease = await AcquireAsync();
        _group.Follow(new ScaleSettings { ManualNodes = 0 });
        Assert.Equal((0, 1), (_group.State.Ready, _group.State.Draining));
        Assert.False(_host.Started.Single().Exited.IsCompleted);
        lease.Dispose();
        await _host.Started.Single().Exited;
    }

    [Fact]
    public async Task More_load_gets_more_replicas_up_to_the_most()
    {
        _group.Follow(new ScaleSettings { MaxConcurrency = 2, MaxNodes = 3, Target = 1 });
        var waiting = Enumerable.Range(0, 5).Select(_ => AcquireAsync()).ToArray();
        await waiting[0];
        _time.Advance(1);
        _group.Look();
        await Task.WhenAll(waiting);
        Assert.Equal(3, _host.Started.Count);
        Assert.Contains("at most 3 allowed", _group.State.Reason);
        foreach (var place in waiting)
        {
            (await place).Dispose();
        }
    }

    [Fact]
    public async Task Processor_time_counts_from_when_replicas_are_scaled_by_it()
    {
        (await AcquireAsync()).Dispose();
        var replica = _host.Started.Single();
        replica.ProcessorTime = TimeSpan.FromHours(1);
        _group.Look();
        _group.Follow(new ScaleSettings { Metric = ScaleMetric.Cpu, MinNodes = 1, MaxNodes = 3 });
        Look(busySeconds: 0);
        Look(busySeconds: 0);
        Assert.Equal(1, _group.State.Wanted);
        for (var second = 0; second < 10; second++)
        {
            Look(busySeconds: 0.9); // Of the 0.6 that each should have.
        }

        Assert.Equal(2, _group.State.Wanted);

        // What a process used that is just ending may not be seen for a moment.
        Look(busySeconds: -5);
        Look(busySeconds: 5.9);
        Assert.Equal(2, _group.State.Wanted);

        void Look(double busySeconds)
        {
            replica.ProcessorTime += TimeSpan.FromSeconds(busySeconds);
            _time.Advance(1);
            _group.Look();
        }
    }

    [Fact]
    public async Task A_replica_that_ends_is_replaced_while_there_is_load()
    {
        using var lease = await AcquireAsync();
        await _host.Started.Single().DisposeAsync();
        // The group hears of the end on a thread of its own.
        await Waiting.UntilAsync("its end is known", () => _group.State.Exits == 1);
        using var other = await AcquireAsync();
        Assert.NotEqual(lease.Address, other.Address);
        Assert.Equal(1, _group.State.Exits);
    }

    [Fact]
    public async Task A_start_that_fails_is_tried_again_after_a_pause()
    {
        _host.Failing = 1;
        var place = AcquireAsync();
        while (_group.State.Problem is null)
        {
            await Task.Yield(); // Until the start has failed.
        }

        _group.Look();
        Assert.Equal(0, _group.State.Starting);
        _time.Advance(1);
        _group.Look();
        (await place).Dispose();
        Assert.Null(_group.State.Problem);
    }

    [Fact]
    public async Task A_table_reaches_running_replicas_and_those_that_start_later()
    {
        (await AcquireAsync()).Dispose();
        var next = new RoutingTable(2, Table.Models);
        await _group.ApplyAsync(next, CancellationToken.None);
        Assert.Equal(2, _host.Started.Single().Generation);
        await _host.Started.Single().DisposeAsync();
        await Waiting.UntilAsync("its end is known", () => _group.State.Exits == 1);
        using var lease = await AcquireAsync();
        Assert.Equal([2L, 2L], _host.Started.Select(replica => replica.Generation));
    }
}
