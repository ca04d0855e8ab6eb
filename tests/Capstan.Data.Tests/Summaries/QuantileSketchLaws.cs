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

    /// <summary>Any parts, merged in any order, in small and large sketches: the error stated is never exceeded.</summary>
    [Theory, MemberData(nameof(Seeds))]
    public void However_values_are_split_and_merged_no_rank_is_further_off_than_stated(int seed)
    {
        var random = new Random(seed);
        var limit = 0.1 / (1 << random.Next(5));
        var values = Ordered(Orders.ElementAt(random.Next(Orders.Count)).Data, 60_000);
        var parts = new List<QuantileSketch>();
        for (var start = 0; start < values.Length;)
        {
            var end = Math.Min(values.Length, start + 1 + random.Next(random.Next(2) == 0 ? 500 : 20_000));
            parts.Add(Of(values[start..end], limit));
            start = end;
        }

        while (parts.Count > 1)
        {
            var (left, right) = (random.Next(parts.Count), random.Next(parts.Count - 1));
            right += right >= left ? 1 : 0;
            var merged = parts[left].Merge(parts[right]);
            parts.RemoveAt(Math.Max(left, right));
            parts[Math.Min(left, right)] = merged;
        }

        Assert.Equal(values.Length, parts[0].Count);
        Assert.InRange(parts[0].RankError, double.Epsilon, limit);
        Assert.InRange(WorstError(values, parts[0]), 0, parts[0].RankError);
    }

    /// <summary>
    /// Whoever can look ahead sends each compaction that raises ranks an odd number of values at or below 0, and each other an
    /// even one: then the rank of 0 is off by all that the lowest level has cost on one side.
    /// </summary>
    [Fact]
    public void An_adversary_reaches_the_bound_and_does_not_pass_it()
    {
        const double Limit = 0.05;
        var random = new Random(5);
        var sketch = new QuantileSketch(Limit);
        var values = new List<double>();
        while (values.Count < 40_000)
        {
            // 300 values fill the lowest level of this limit's sketch.
            var candidates = Enumerable.Range(0, 2).Select(odd =>
            {
                double[] block =
                    [.. Enumerable.Range(0, 300).Select(index => (index < 150 + odd ? -1 : 1) * (1 + random.NextDouble()))];
                random.Shuffle(block);
                var copy = StoredState.FromBytes<QuantileSketch>(sketch.ToBytes());
                copy.Observe(block);
                double[] all = [.. values, .. block];
                return (block, Error: copy.ShareAtOrBelow(0) * all.Length - all.Count(value => value <= 0));
            }).ToArray();
            var (chosen, _) = candidates.MaxBy(candidate => candidate.Error);
            sketch.Observe(chosen);
            values.AddRange(chosen);
        }

        var worst = WorstError([.. values], sketch);
        Assert.InRange(worst, 0.25 * sketch.RankError, sketch.RankError);
        Assert.True(sketch.RankError <= Limit);
    }

    /// <summary>The same sketch merged with itself again and again: 10^12 values, which nobody could observe here.</summary>
    [Fact]
    public void A_trillion_values_stay_within_the_limit_and_a_few_megabytes()
    {
        var values = Ordered("random", 1_000_000);
        var sketch = Of(values, QuantileSketch.DefaultRankErrorLimit);
        var million = sketch.ToBytes().Length;
        while (sketch.Count < 1_000_000_000_000)
        {
            sketch = sketch.Merge(sketch);
        }

        Assert.InRange(sketch.RankError, 0.0001, 0.001);
        Assert.InRange(WorstError(values, sketch), 0, sketch.RankError);
        Assert.InRange(million, 0, 600 << 10);
        Assert.InRange(sketch.ToBytes().Length, 0, 2 << 20);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Until_compaction_quantiles_equal_sorting(int seed)
    {
        var random = new Random(seed);
        var values = RandomValues.Numbers(random, 6000);
        var cut = random.Next(values.Length + 1);
        const double Limit = QuantileSketch.DefaultRankErrorLimit;
        var sketch = Of(values[..cut], Limit).Merge(Of(values[cut..], Limit));
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
        var left = Of(RandomValues.Numbers(random, 5000), 0.05);
        var right = Of(RandomValues.Numbers(random, 5000), 0.05);
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
        var sketch = new QuantileSketch(0.05);
        for (var start = 0; start < values.Length;)
        {
            var end = Math.Min(values.Length, start + random.Next(1, 300));
            sketch.Observe(values.AsSpan(start..end));
            start = end;
        }

        Assert.Equal(Of(values, 0.05).ToBytes(), sketch.ToBytes());
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
        Assert.InRange(sketch.RankError, 0.0001, 0.001);
        for (var thousandth = 1; thousandth < 1000; thousandth++)
        {
            // The answer's true ranks are a range where it repeats; the asked rank is off by its distance to that range.
            var found = sketch.Quantile(thousandth / 1000.0);
            var (first, last) = (Below(sorted, found), Below(sorted, double.BitIncrement(found)));
            var asked = thousandth / 1000.0 * sorted.Length;
            var error = Math.Max(0, Math.Max(first - asked, asked - last)) / sorted.Length;
            Assert.True(error <= sketch.RankError, $"quantile {thousandth / 1000.0}: {found} is off by {error:P3} of the rank");
            Assert.Equal((double)last / sorted.Length, sketch.ShareAtOrBelow(found), sketch.RankError);
        }
    }

    /// <summary>The largest difference of a rank that the sketch tells from the true one, as a share.</summary>
    static double WorstError(double[] values, QuantileSketch sketch)
    {
        var sorted = values.Order().ToArray();
        return sorted.Distinct().Max(value =>
            Math.Abs(sketch.ShareAtOrBelow(value) - (double)Below(sorted, double.BitIncrement(value)) / sorted.Length));
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

    static QuantileSketch Of(double[] values, double limit)
    {
        var sketch = new QuantileSketch(limit);
        sketch.Observe(values);
        return sketch;
    }
}
