using System.Text;

namespace Capstan.Data.Tests.Summaries;

public sealed class TopValuesLaws
{
    public static TheoryData<int> Seeds => RandomValues.Seeds;

    [Theory, MemberData(nameof(Seeds))]
    public void Merging_any_split_equals_one_pass_and_a_dictionary(int seed)
    {
        var random = new Random(seed);
        var texts = RandomValues.Texts(random, 2000);
        var cut = random.Next(texts.Length + 1);
        var whole = Of(texts, new TopValues());
        Assert.Equal(whole.ToBytes(), Of(texts[..cut], new TopValues()).Merge(Of(texts[cut..], new TopValues())).ToBytes());
        var expected = texts.GroupBy(Encoding.UTF8.GetString)
            .OrderByDescending(group => group.Count()).ThenByDescending(group => group.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, group.LongCount()));
        Assert.Equal(expected, whole.Ordered().Select(each => (each.Text, each.Count)));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Beyond_the_limit_every_count_is_within_the_stated_error(int seed)
    {
        var random = new Random(seed);
        var texts = Enumerable.Range(0, 40_000).Select(_ => RandomValues.Text((int)(1 / (random.NextDouble() + 1e-4)))).ToArray();
        var cut = random.Next(texts.Length + 1);
        foreach (var values in new[]
        {
            Of(texts, new TopValues(200)),
            Of(texts[..cut], new TopValues(200)).Merge(Of(texts[cut..], new TopValues(200))),
            Of(texts, new TopValues(300)).Keep(50),
        })
        {
            Assert.False(values.IsExact);
            Assert.Equal(texts.Length, values.Total);
            foreach (var group in texts.GroupBy(Encoding.UTF8.GetString))
            {
                var (counted, truth) = (values.CountOf(Encoding.UTF8.GetBytes(group.Key)), group.LongCount());
                Assert.InRange(counted, truth - values.CountError, truth);
            }
        }

        Assert.True(Of(texts, new TopValues(200)).CountError <= 2 * texts.Length / 200);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Merging_commutes_empty_is_neutral_and_bytes_return(int seed)
    {
        var random = new Random(seed);
        var left = Of(RandomValues.Texts(random, 1000), new TopValues(20));
        var right = Of(RandomValues.Texts(random, 1000), new TopValues(20));
        Assert.Equal(left.Merge(right).ToBytes(), right.Merge(left).ToBytes());
        Assert.Equal(left.ToBytes(), left.Merge(TopValues.Empty).ToBytes());
        Assert.Equal(left.ToBytes(), TopValues.Empty.Merge(left).ToBytes());
        Assert.Equal(left.ToBytes(), StoredState.FromBytes<TopValues>(left.ToBytes()).ToBytes());
    }

    [Fact]
    public void Observing_known_values_allocates_nothing()
    {
        var values = new TopValues();
        var text = "a value that is known"u8.ToArray();
        values.Observe(text);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var round = 0; round < 1000; round++)
            {
                values.Observe(text);
            }
        }));
    }

    static TopValues Of(IEnumerable<byte[]> texts, TopValues into) =>
        RandomValues.Observing(into, texts, (state, text) => state.Observe(text));
}
