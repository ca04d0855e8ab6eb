namespace Capstan.Training.Tests.Shuffling;

public sealed class SplitMix64Tests
{
    // The published test vector of splitmix64.c for seed 1234567.
    [Fact]
    public void The_published_numbers_come_out()
    {
        var random = new SplitMix64(1234567);
        Assert.Equal(
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821],
            Enumerable.Range(0, 5).Select(_ => random.Next()));
    }

    [Fact]
    public void All_orders_of_four_come_up_equally_often()
    {
        var random = new SplitMix64(1);
        var counts = new Dictionary<string, int>();
        Span<int> order = stackalloc int[4];
        for (var round = 0; round < 24_000; round++)
        {
            random.Permute(order);
            var key = string.Join(',', order.ToArray());
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }

        // χ² of 23 degrees of freedom exceeds 49.7 once in a thousand seeds.
        Assert.Equal(24, counts.Count);
        Assert.InRange(counts.Values.Sum(count => Math.Pow(count - 1000, 2) / 1000), 0, 49.7);
    }

    [Fact]
    public void Epochs_and_seeds_have_streams_of_their_own()
    {
        var firsts = from seed in Enumerable.Range(0, 100)
                     from epoch in Enumerable.Range(0, 100)
                     select SplitMix64.OfEpoch((ulong)seed, epoch).Next();
        Assert.Equal(10_000, firsts.Distinct().Count());
    }

    [Fact]
    public void Nothing_can_be_put_in_order()
    {
        var random = new SplitMix64(1);
        random.Permute([]);
        var one = new int[1];
        random.Permute(one);
        Assert.Equal([0], one);
    }
}
