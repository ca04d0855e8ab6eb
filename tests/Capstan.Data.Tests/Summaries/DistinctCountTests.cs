namespace Capstan.Data.Tests.Summaries;

public sealed class DistinctCountTests
{
    public static TheoryData<int> Seeds => RandomValues.Seeds;

    [Fact]
    public void Nothing_observed_is_exactly_none() =>
        Assert.Equal((0L, true), (DistinctCount.Empty.Value, DistinctCount.Empty.IsExact));

    [Fact]
    public void It_is_exact_up_to_the_limit_and_an_estimate_beyond()
    {
        var count = Of(0, DistinctCount.ExactLimit);
        count.Observe(0L);
        Assert.Equal((DistinctCount.ExactLimit, true), (count.Value, count.IsExact));
        count.Observe(-1L);
        Assert.False(count.IsExact);
        Assert.InRange(count.Value, 975, 1075);
    }

    [Theory]
    [InlineData(3_000)]
    [InlineData(20_000)]
    [InlineData(100_000)]
    [InlineData(2_000_000)]
    public void Estimates_are_within_four_standard_errors(int distinct)
    {
        Assert.InRange(Of(0, distinct).Value / (double)distinct, 1 - 0.065, 1 + 0.065);
        var texts = new DistinctCount();
        for (var number = 0; number < distinct; number++)
        {
            texts.Observe(BitConverter.GetBytes(number).AsSpan(0, number < 65536 ? 2 : 4));
        }

        Assert.InRange(texts.Value / (double)distinct, 1 - 0.065, 1 + 0.065);
    }

    [Fact]
    public void The_error_over_many_sets_is_the_stated_standard_error()
    {
        var errors = Enumerable.Range(0, 100).Select(set => Of(set * 1_000_000_000L, 30_000).Value / 30_000.0 - 1).ToArray();
        Assert.InRange(Math.Sqrt(errors.Average(error => error * error)), 0.011, 0.022);
        Assert.InRange(errors.Average(), -0.006, 0.006);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Merging_any_split_gives_the_bytes_of_one_pass(int seed)
    {
        var random = new Random(seed);
        var values = Enumerable.Range(0, random.Next(4000)).Select(_ => (long)random.Next(3000)).ToArray();
        var cut = random.Next(values.Length + 1);
        var (whole, left, right) = (new DistinctCount(), new DistinctCount(), new DistinctCount());
        Array.ForEach(values, whole.Observe);
        Array.ForEach(values[..cut], left.Observe);
        Array.ForEach(values[cut..], right.Observe);
        Assert.Equal(whole.ToBytes(), left.Merge(right).ToBytes());
        Assert.Equal(whole.ToBytes(), right.Merge(left).ToBytes());
        Assert.Equal(left.ToBytes(), left.Merge(DistinctCount.Empty).ToBytes());
        Assert.Equal(left.ToBytes(), DistinctCount.Empty.Merge(left).ToBytes());
        Assert.Equal(whole.ToBytes(), StoredState.FromBytes<DistinctCount>(whole.ToBytes()).ToBytes());
        Assert.True(!whole.IsExact || whole.Value == values.Distinct().Count());
    }

    [Fact]
    public void Every_bit_of_a_value_changes_about_half_of_its_hash()
    {
        for (var length = 1; length <= 24; length++)
        {
            var changed = 0;
            for (var bit = 0; bit < length * 8; bit++)
            {
                var value = new byte[length];
                new Random(length).NextBytes(value);
                var before = ValueHash.Of(value);
                value[bit >> 3] ^= (byte)(1 << (bit & 7));
                changed += System.Numerics.BitOperations.PopCount(before ^ ValueHash.Of(value));
            }

            Assert.InRange(changed / (length * 8.0), 26, 38);
        }
    }

    static DistinctCount Of(long first, int count)
    {
        var distinct = new DistinctCount();
        for (var value = first; value < first + count; value++)
        {
            distinct.Observe(value);
        }

        return distinct;
    }
}
