namespace Capstan.Data.Tests.Summaries;

public sealed class WeightedQuantileSketchLaws
{
    public static TheoryData<int> Seeds => [1, 2, 3];

    [Theory, MemberData(nameof(Seeds))]
    public void Below_a_full_buffer_every_quantile_is_exact(int seed)
    {
        var random = new Random(seed);
        var rows = Rows(random, 300, repeats: true);
        var sketch = Of(rows);
        Assert.Equal(0, sketch.RankError);
        foreach (var q in (double[])[0, 0.001, 0.1, 0.25, 0.5, 0.77, 0.999, 1])
        {
            var wanted = q * rows.Sum(row => row.Weight);
            var expected = rows.Select(row => row.Value).Order().First(value => RankOf(rows, value) >= wanted * (1 - 1e-12));
            Assert.Equal(expected, sketch.Quantile(q));
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void A_row_of_weight_2_counts_as_two_rows(int seed)
    {
        var random = new Random(seed);
        var rows = Enumerable.Range(0, 200).Select(_ => (Value: Math.Round(random.NextDouble() * 50), Weight: (double)random.Next(1, 4))).ToArray();
        var repeated = rows.SelectMany(row => Enumerable.Repeat((row.Value, 1.0), (int)row.Weight)).ToArray();
        Assert.Equal(Of(repeated).Boundaries(20), Of(rows).Boundaries(20));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Beyond_it_every_quantile_is_within_the_stated_error_merged_or_not(int seed)
    {
        var random = new Random(seed);
        var rows = Rows(random, 150_000, repeats: seed == 2);
        var (first, second) = (random.Next(rows.Length / 2), rows.Length / 2 + random.Next(rows.Length / 2));
        var sorted = rows.OrderBy(row => row.Value).ToArray();
        var upTo = new double[sorted.Length];
        var total = 0.0;
        for (var index = 0; index < sorted.Length; index++)
        {
            upTo[index] = total += sorted[index].Weight;
        }

        foreach (var sketch in new[] { Of(rows), Of(rows[..first]).Merge(Of(rows[first..second])).Merge(Of(rows[second..])) })
        {
            // (1 + log₂(150,000 / 16,384)) / 16,384, and one level more for the uneven parts.
            Assert.InRange(sketch.RankError, seed == 2 ? 0 : 1e-9, 6.0 / 16_384);
            for (var q = 0.01; q < 1; q += 0.01)
            {
                var found = sketch.Quantile(q);
                var at = Array.BinarySearch(sorted, (found, 0.0), Comparer<(double, double)>.Create((left, right) => left.Item1.CompareTo(right.Item1)));
                Assert.True(at >= 0, "a quantile is a value that was observed");
                var (low, high) = (at, at);
                while (low > 0 && sorted[low - 1].Value == found)
                {
                    low--;
                }

                while (high < sorted.Length - 1 && sorted[high + 1].Value == found)
                {
                    high++;
                }

                var (from, to) = ((low == 0 ? 0 : upTo[low - 1]) / total, upTo[high] / total);
                Assert.InRange(q, from - sketch.RankError - 1e-9, to + sketch.RankError + 1e-9);
            }

            Assert.Equal((sorted[0].Value, sorted[^1].Value), (sketch.Quantile(0), sketch.Quantile(1)));
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Merging_commutes_empty_is_neutral_and_bytes_return(int seed)
    {
        var random = new Random(seed);
        var rows = Rows(random, 60_000, repeats: seed == 1);
        var (left, right) = (Of(rows[..35_000]), Of(rows[35_000..]));
        Assert.Equal(left.Merge(right).ToBytes(), right.Merge(left).ToBytes());
        Assert.Equal(left.ToBytes(), left.Merge(WeightedQuantileSketch.Empty).ToBytes());
        Assert.Equal(left.ToBytes(), WeightedQuantileSketch.Empty.Merge(left).ToBytes());
        var read = StoredState.FromBytes<WeightedQuantileSketch>(left.ToBytes());
        Assert.Equal(left.ToBytes(), read.ToBytes());
        Assert.Equal(left.Boundaries(100), read.Boundaries(100));
    }

    [Fact]
    public void Rows_without_value_or_weight_are_not_observed_and_huge_ones_break_nothing()
    {
        var sketch = new WeightedQuantileSketch();
        foreach (var (value, weight) in ((double, double)[])[(double.NaN, 1), (1, double.NaN), (double.PositiveInfinity, 1), (1, 0), (1, -1)])
        {
            sketch.Observe(value, weight);
        }

        Assert.Equal((0, 0), (sketch.Count, sketch.RankError));
        Assert.Empty(sketch.Boundaries(10));
        Assert.Throws<InvalidOperationException>(() => sketch.Quantile(0.5));
        sketch.Observe(-double.MaxValue, double.MaxValue);
        sketch.Observe(double.MaxValue, double.PositiveInfinity);
        sketch.Observe(-0.0, 1);
        Assert.Equal([-double.MaxValue, double.MaxValue], sketch.Boundaries(10));
    }

    [Fact]
    public void Damaged_bytes_are_refused_or_read_as_another_state()
    {
        var bytes = Of(Rows(new Random(1), 20_000, repeats: true)).ToBytes();
        var random = new Random(5);
        for (var repeat = 0; repeat < 200; repeat++)
        {
            var damaged = bytes.ToArray();
            damaged[repeat < 100 ? random.Next(60) : random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                Assert.NotEqual(bytes, StoredState.FromBytes<WeightedQuantileSketch>(damaged).ToBytes());
            }
            catch (CorruptStateException)
            {
            }
        }
    }

    static (double Value, double Weight)[] Rows(Random random, int count, bool repeats) =>
    [
        .. Enumerable.Range(0, count).Select(_ => (
            repeats ? Math.Round(Math.Exp(random.NextDouble() * 6)) : random.NextDouble() * 1000 - 500,
            Math.Pow(random.NextDouble(), 8) * 1000 + 1e-3)),
    ];

    static double RankOf((double Value, double Weight)[] rows, double value) => rows.Where(row => row.Value <= value).Sum(row => row.Weight);

    static WeightedQuantileSketch Of((double Value, double Weight)[] rows)
    {
        var sketch = new WeightedQuantileSketch();
        foreach (var (value, weight) in rows)
        {
            sketch.Observe(value, weight);
        }

        return sketch;
    }
}
