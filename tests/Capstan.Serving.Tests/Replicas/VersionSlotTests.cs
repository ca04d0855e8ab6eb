using Capstan.Serving.Tests.Models;

namespace Capstan.Serving.Tests.Replicas;

public sealed class VersionSlotTests
{
    static readonly RoutedVersion Version = new("v1", "/nowhere", new TripModel().Version, MaxConcurrency: 2);

    static ModelMemory Memory() => new(1 << 20, TimeProvider.System);

    [Fact]
    public async Task Callers_who_come_while_it_loads_wait_for_the_same_load()
    {
        using var release = new ManualResetEventSlim();
        var loads = 0;
        var slot = new VersionSlot("trips", Version, Memory(), () =>
        {
            Interlocked.Increment(ref loads);
            release.Wait();
            return new TripModel();
        });
        var waiting = Enumerable.Range(0, 20).Select(_ => slot.GetAsync().AsTask()).ToArray();
        release.Set();
        Assert.Single((await Task.WhenAll(waiting)).Distinct());
        Assert.Equal(1, loads);
    }

    [Fact]
    public async Task A_load_that_failed_is_tried_again_by_the_next_caller()
    {
        var attempts = 0;
        var slot = new VersionSlot("trips", Version, Memory(), () => ++attempts == 1 ? throw new IOException("gone") : new TripModel());
        await Assert.ThrowsAsync<VersionNotReadyException>(() => slot.GetAsync().AsTask());
        Assert.NotNull(await slot.GetAsync());
    }

    [Fact]
    public async Task Who_holds_a_model_may_finish_after_it_was_unloaded()
    {
        var slot = new VersionSlot("trips", Version, Memory(), () => new TripModel());
        var held = await slot.GetAsync();
        slot.Unload();
        Assert.False(slot.IsLoaded);
        held.WarmUp();
        Assert.NotSame(held, await slot.GetAsync());
    }

    [Fact]
    public void No_more_requests_enter_than_there_are_places()
    {
        var slot = new VersionSlot("trips", Version, Memory(), () => new TripModel());
        Assert.True(slot.TryEnter() && slot.TryEnter());
        Assert.False(slot.TryEnter());
        slot.Leave();
        Assert.True(slot.TryEnter());
    }
}
