using System.Text;

namespace Capstan.Data.Tests.Summaries;

public sealed class ByKeyLaws
{
    public static TheoryData<int> Seeds => RandomValues.Seeds;

    [Theory, MemberData(nameof(Seeds))]
    public void Merging_any_split_equals_one_pass_and_a_dictionary(int seed)
    {
        var random = new Random(seed);
        // Whole numbers, of which moments are exact in any order.
        (string Key, double Value)[] rows = [.. Enumerable.Range(0, 500).Select(_ => ($"k{random.Next(40)}", (double)random.Next(100)))];
        var cut = random.Next(rows.Length + 1);
        foreach (var state in new[] { Of(rows), Of(rows[..cut]).Merge(Of(rows[cut..])) })
        {
            var expected = rows.GroupBy(row => row.Key).OrderBy(group => group.Key, StringComparer.Ordinal).ToArray();
            Assert.Equal(expected.Select(group => group.Key), state.Ordered().Select(each => each.Key));
            foreach (var (group, (_, moments)) in expected.Zip(state.Ordered()))
            {
                Assert.Equal(group.Count(), moments.Count);
                Assert.Equal(group.Average(row => row.Value), moments.Mean, 1e-10);
                Assert.Equal(group.Min(row => row.Value), moments.Min);
            }

            Assert.Equal(rows.Length, state.Overall.Count);
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Merging_commutes_empty_is_neutral_and_bytes_return(int seed)
    {
        var random = new Random(seed);
        (string Key, double Value)[] rows = [.. Enumerable.Range(0, 200).Select(_ => ($"k{random.Next(40)}", random.NextDouble()))];
        var (left, right) = (Of(rows[..90]), Of(rows[90..]));
        Assert.Equal(left.Merge(right).ToBytes(), right.Merge(left).ToBytes());
        Assert.Equal(left.ToBytes(), left.Merge(ByKey<Moments>.Empty).ToBytes());
        Assert.Equal(left.ToBytes(), ByKey<Moments>.Empty.Merge(left).ToBytes());
        Assert.Equal(left.ToBytes(), StoredState.FromBytes<ByKey<Moments>>(left.ToBytes()).ToBytes());
    }

    [Fact]
    public void Beyond_the_limit_it_keeps_no_key_and_says_so_however_it_got_there()
    {
        (string, double)[] rows = [("a", 1), ("b", 2), ("c", 3)];
        var exactly = Of(rows[..2], maxKeys: 2);
        Assert.False(exactly.IsFull);
        foreach (var full in new[]
        {
            Of(rows, maxKeys: 2), exactly.Merge(Of(rows[1..], maxKeys: 2)), Of(rows, maxKeys: 2).Merge(exactly), exactly.Merge(Of(rows, maxKeys: 2)),
        })
        {
            Assert.True(full.IsFull);
            Assert.Equal(0, full.Count);
            Assert.Null(full.At("a"u8));
            Assert.True(StoredState.FromBytes<ByKey<Moments>>(full.ToBytes()).IsFull);
        }
    }

    [Fact]
    public void What_is_observed_after_merging_does_not_show_in_the_operands()
    {
        var part = Of([("a", 1)]);
        var merged = part.Merge(ByKey<Moments>.Empty);
        merged.At("a"u8)!.Observe(5); // not full
        merged.Overall.Observe(5);
        Assert.Equal((1, 1), (part.Ordered().Single().State.Count, part.Overall.Count));
    }

    [Fact]
    public void Damaged_bytes_are_refused_or_read_as_another_state()
    {
        var bytes = Of([("a", 1), ("bc", 2), ("", 3)]).ToBytes();
        var random = new Random(5);
        for (var repeat = 0; repeat < 2000; repeat++)
        {
            var damaged = bytes.ToArray();
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                Assert.NotEqual(bytes, StoredState.FromBytes<ByKey<Moments>>(damaged).ToBytes());
            }
            catch (CorruptStateException)
            {
            }
        }
    }

    static ByKey<Moments> Of((string Key, double Value)[] rows, int maxKeys = ByKey<Moments>.DefaultMaxKeys)
    {
        var state = new ByKey<Moments>(() => Moments.Empty, maxKeys);
        foreach (var (key, value) in rows)
        {
            state.Overall.Observe(value);
            state.At(Encoding.UTF8.GetBytes(key))?.Observe(value);
        }

        return state;
    }
}
