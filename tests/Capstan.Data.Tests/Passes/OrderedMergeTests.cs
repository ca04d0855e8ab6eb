namespace Capstan.Data.Tests.Passes;

public sealed class OrderedMergeTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, "0")]
    [InlineData(2, "(01)")]
    [InlineData(6, "(((((01)2)3)4)5)")]
    public async Task Each_part_is_merged_into_what_all_before_it_gave(int parts, string expected)
    {
        using var places = new SemaphoreSlim(2);
        Assert.Equal(expected, await OfAsync(parts, places, index => Task.FromResult($"{index}")));
    }

    [Fact]
    public async Task The_order_of_merging_does_not_depend_on_which_part_is_ready_first()
    {
        // The first part waits for the last one.
        using var places = new SemaphoreSlim(8);
        var last = new TaskCompletionSource();
        Assert.Equal("(((((((01)2)3)4)5)6)7)", await OfAsync(8, places, async index =>
        {
            if (index == 0)
            {
                await last.Task;
            }

            if (index == 7)
            {
                last.SetResult();
            }

            return $"{index}";
        }));
    }

    [Fact]
    public async Task No_more_parts_are_under_way_than_there_are_places()
    {
        using var places = new SemaphoreSlim(3);
        var (underWay, most) = (0, 0);
        await OfAsync(40, places, async index =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref underWay));
            await Task.Yield();
            Interlocked.Decrement(ref underWay);
            return "";
        });
        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task No_more_states_wait_than_may_be_ahead()
    {
        // The first part waits until the seven that may be begun after it are ready; one more would break this.
        using var places = new SemaphoreSlim(8);
        var (ready, seven) = (0, new TaskCompletionSource());
        Assert.StartsWith("(((((", await OfAsync(40, places, async index =>
        {
            if (index == 0)
            {
                await seven.Task;
                Assert.Equal(7, Volatile.Read(ref ready));
            }
            else if (Interlocked.Increment(ref ready) == 7)
            {
                seven.SetResult();
            }

            return $"{index}";
        }));
    }

    [Fact]
    public async Task The_failure_of_the_first_part_that_fails_is_told_and_parts_behind_it_are_not_begun()
    {
        using var places = new SemaphoreSlim(2);
        var third = new TaskCompletionSource();
        var begun = 0;
        var failure = await Assert.ThrowsAsync<InvalidDataException>(() => OfAsync(64, places, async index =>
        {
            Interlocked.Increment(ref begun);
            if (index == 2)
            {
                await third.Task;
                throw new InvalidDataException("part 2");
            }

            if (index == 3)
            {
                third.SetResult();
                throw new InvalidDataException("part 3");
            }

            return "";
        }));
        Assert.Equal("part 2", failure.Message);
        Assert.InRange(begun, 4, 10);
    }

    [Fact]
    public async Task Cancelling_ends_it()
    {
        using var cancellation = new CancellationTokenSource();
        using var places = new SemaphoreSlim(1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => OrderedMerge.OfAsync(
            Enumerable.Range(0, 4).ToArray(), places, 2,
            (index, token) =>
            {
                cancellation.Cancel();
                token.ThrowIfCancellationRequested();
                return Task.FromResult(index);
            },
            (left, right) => left + right, cancellation.Token));
    }

    static Task<string> OfAsync(int parts, SemaphoreSlim places, Func<int, Task<string>> observe) => OrderedMerge.OfAsync(
        Enumerable.Range(0, parts).ToArray(), places, 8, (index, _) => observe(index), (left, right) => $"({left}{right})", Cancellation);

    static void InterlockedMax(ref int most, int value)
    {
        var before = Volatile.Read(ref most);
        while (value > before && Interlocked.CompareExchange(ref most, value, before) is var found && found != before)
        {
            before = found;
        }
    }
}
