namespace Capstan.Data.Tests.Summaries;

public sealed class QuantileSketchLaws
{
    public static TheoryData<int> Seeds => RandomValues.Seeds;

    public static TheoryData<string> Orders => ["random", "ascending", "descending", "saw", "few", "lognormal"];

    [Theory, MemberData(nameof(Orders))]
    public void Many_values_are_within_the_rank_error_of_sorting(string order)
    {
        var values = Ordered(order, 500_000);
        var sketch = new QuantileSketch();
        sketch.Observe(values);
        AssertWithinRankError(values, sketch);
    }

    [Theory, MemberData(nameof(Orders))]
    public void Forty_merged_parts_are_within_the_rank_error_of_sorting(string order)
    {
        var values = Ordered(order, 400_000);
        var sketch = values.Chunk(10_000).Aggregate(QuantileSketch.Empty, (merged, part) =>
        {
            var state = new QuantileSketch();
            state.Observe(part);
            return merged.Merge(state);
        });
        AssertWithinRankError(values, sketch);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Until_compaction_quantiles_equal_sorting(int seed)
    {
        var random = new Random(seed);
        var values = RandomValues.Numbers(random, 6000);
        var cut = random.Next(values.Length + 1);
        var sketch = Of(values[..cut], QuantileSketch.DefaultSize).Merge(Of(values[cut..], QuantileSketch.DefaultSize));
        var sorted = values.Where(double.IsFinite).Order().ToArray();
        Assert.True(sketch.IsExact);
        for (var percent = 0; sorted.Length > 0 && percent <= 100; percent++)
        {
            var rank = Math.Max(1, (int)Math.Ceiling(percent / 100.0 * sorted.Length));
            Assert.Equal(sorted[rank - 1], sketch.Quantile(percent / 100.0));
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Merging_commutes_empty_is_neutral_and_bytes_return_to_the_bit(int seed)
    {
        var random = new Random(seed);
        var left = Of(RandomValues.Numbers(random, 5000), 64);
        var right = Of(RandomValues.Numbers(random, 5000), 64);
        Assert.Equal(left.Merge(right).ToBytes(), right.Merge(left).ToBytes());
        Assert.Equal(left.ToBytes(), left.Merge(QuantileSketch.Empty).ToBytes());
        Assert.Equal(left.ToBytes(), QuantileSketch.Empty.Merge(left).ToBytes());
        var read = StoredState.FromBytes<QuantileSketch>(left.ToBytes());
        Assert.Equal(left.ToBytes(), read.ToBytes());
        read.Observe([1, 2, 3]);
        left.Observe([1, 2, 3]);
        Assert.Equal(left.ToBytes(), read.ToBytes());
    }

    [Theory, MemberData(nameof(Seeds))]
    public void How_values_are_cut_into_spans_changes_nothing(int seed)
    {
        var random = new Random(seed);
        var values = RandomValues.Numbers(random, 5000);
        var sketch = new QuantileSketch(100);
        for (var start = 0; start < values.Length;)
        {
            var end = Math.Min(values.Length, start + random.Next(1, 300));
            sketch.Observe(values.AsSpan(start..end));
            start = end;
        }

        Assert.Equal(Of(values, 100).ToBytes(), sketch.ToBytes());
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Radix_sorting_equals_the_library_sort(int seed)
    {
        var values = RandomValues.Numbers(new Random(seed), 4000).Where(double.IsFinite).ToArray();
        var expected = values.Order().ToArray();
        FiniteSort.Sort(values);
        Assert.Equal(expected, values);
    }

    static void AssertWithinRankError(double[] values, QuantileSketch sketch)
    {
        var sorted = values.Order().ToArray();
        Assert.Equal((values.LongLength, false), (sketch.Count, sketch.IsExact));
        Assert.True(sketch.RankError <= 0.001);
        for (var thousandth = 1; thousandth < 1000; thousandth++)
        {
            // The answer's true ranks are a range where it repeats; the asked rank is off by its distance to that range.
            var found = sketch.Quantile(thousandth / 1000.0);
            var (first, last) = (Below(sorted, found), Below(sorted, double.BitIncrement(found)));
            var asked = thousandth / 1000.0 * sorted.Length;
            var error = Math.Max(0, Math.Max(first - asked, asked - last)) / sorted.Length;
            Assert.True(error <= 0.001, $"quantile {thousandth / 1000.0}: {found} is off by {error:P3} of the rank");
            Assert.Equal((double)last / sorted.Length, sketch.ShareAtOrBelow(found), 0.001);
        }
    }

    /// <summary>How many are less than a value.</summary>
    static int Below(double[] sorted, double value)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = sorted[middle] < value ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    static double[] Ordered(string order, int count)
    {
        var random = new Random(11);
        return [.. Enumerable.Range(0, count).Select(index => order switch
        {
            "ascending" => index,
            "descending" => -index,
            "saw" => index % 1000 + index / 1000 * 0.001,
            "few" => random.Next(20),
            "lognormal" => Math.Exp(6 * (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5)),
            _ => random.NextDouble() - 0.5,
        })];
    }

    static QuantileSketch Of(double[] values, int size)
    {
        var sketch = new QuantileSketch(size);
        sketch.Observe(values);
        return sketch;
    }
}
