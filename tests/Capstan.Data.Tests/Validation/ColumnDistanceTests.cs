using static Capstan.Data.Tests.Validation.Tables;

namespace Capstan.Data.Tests.Validation;

public sealed class ColumnDistanceTests
{
    [Fact]
    public void Shares_and_counts_of_texts_differ_as_the_formulas_say()
    {
        var left = Column(DataType.Text, Repeated(("a", 6), ("b", 3), ("c", 1), (null, 5)));
        var right = Column(DataType.Text, Repeated(("a", 10), ("b", 5), ("d", 5)));
        var distance = ColumnDistance.Between(left, right);
        Assert.Equal((0.25, "d"), (distance.LInfinity!.Value.Value, distance.LInfinity.Value.At));
        Assert.Equal((5.0 / 30, "d"), (distance.NormalizedAbsoluteDifference!.Value.Value, distance.NormalizedAbsoluteDifference.Value.At));
        Assert.Equal(Divergence([0.6, 0.3, 0.1, 0], [0.5, 0.25, 0, 0.25]), distance.JensenShannon!.Value.Value, 12);
        Assert.Equal(1.0 / 3, distance.Missing.Value, 12);
        Assert.Null(distance.MeanShift);
    }

    [Fact]
    public void Booleans_are_two_values()
    {
        var distance = ColumnDistance.Between(Column(DataType.Boolean, Repeated((true, 3), (false, 1))), Column(DataType.Boolean, Repeated((true, 1), (false, 3))));
        Assert.Equal(0.5, distance.LInfinity!.Value.Value);
        Assert.Equal(Divergence([0.75, 0.25], [0.25, 0.75]), distance.JensenShannon!.Value.Value, 12);
    }

    [Fact]
    public void Numbers_that_repeat_are_values_and_not_buckets()
    {
        var distance = ColumnDistance.Between(Column(DataType.Float64, Repeated((0.0, 3), (2.5, 1))), Column(DataType.Float64, Repeated((0.0, 1), (2.5, 3))));
        Assert.Equal(Divergence([0.75, 0.25], [0.25, 0.75]), distance.JensenShannon!.Value.Value, 12);
        Assert.Equal(0.5, distance.KolmogorovSmirnov!.Value.Value, 12);
    }

    /// <summary>TensorFlow Data Validation counts missing numbers as buckets that never match: 0.1 here.</summary>
    [Theory]
    [InlineData(DataType.Float64)]
    [InlineData(DataType.Text)]
    [InlineData(DataType.Timestamp)]
    public void Identical_data_with_a_tenth_missing_is_0_apart(DataType type)
    {
        object?[] values = [.. Enumerable.Range(0, 1000).Select(index => index % 10 == 0 ? null : type switch
        {
            DataType.Text => $"{index % 7}", DataType.Timestamp => (object)(long)index, _ => (double)index,
        })];
        var distance = ColumnDistance.Between(Column(type, values), Column(type, values));
        Assert.Equal((0, 0), (distance.Missing.Value, distance.JensenShannon!.Value.Value));
        Assert.Equal(0, distance.LInfinity?.Value ?? 0);
        Assert.Equal(0, distance.KolmogorovSmirnov?.Value ?? 0);
        Assert.Equal(0, distance.MeanShift ?? 0);
    }

    [Theory]
    [InlineData(0.5, 0.044)]
    [InlineData(1.0, 0.161)]
    [InlineData(1.5, 0.319)]
    public void Shifted_normal_numbers_have_the_divergence_of_their_densities(double shift, double expected)
    {
        var random = new Random(1);
        var (left, right) = (Numbers(40_000, _ => Normal(random)), Numbers(40_000, _ => Normal(random) + shift));
        var distance = ColumnDistance.Between(Column(DataType.Float64, left), Column(DataType.Float64, right));
        Assert.InRange(distance.JensenShannon!.Value.Value, expected * 0.9, expected * 1.05);
        Assert.True(distance.JensenShannon.Value.IsSignificant && distance.KolmogorovSmirnov!.Value.IsSignificant);
        Assert.Equal(shift, distance.MeanShift!.Value, 0.03);
    }

    [Fact]
    public void Nothing_in_common_is_1_apart()
    {
        var numbers = ColumnDistance.Between(Column(DataType.Int64, Repeated((1L, 500))), Column(DataType.Int64, Repeated((2L, 500))));
        Assert.Equal((1, 1, null), (numbers.JensenShannon!.Value.Value, numbers.KolmogorovSmirnov!.Value.Value, numbers.MeanShift));
        var texts = ColumnDistance.Between(Column(DataType.Text, Repeated(("a", 5))), Column(DataType.Text, Repeated(("b", 5))));
        Assert.Equal((1, 1), (texts.JensenShannon!.Value.Value, texts.LInfinity!.Value.Value));
    }

    [Fact]
    public void Without_values_or_with_other_types_only_missing_ones_are_compared()
    {
        var empty = ColumnDistance.Between(Column(DataType.Float64, null, null), Column(DataType.Float64, 1.0, null));
        Assert.Equal((0.5, null, null), (empty.Missing.Value, empty.JensenShannon, empty.MeanShift));
        var other = ColumnDistance.Between(Column(DataType.Float64, 1.0), Column(DataType.Text, "1"));
        Assert.Equal((0.0, null, null), (other.Missing.Value, other.JensenShannon, other.LInfinity));
        Assert.Equal(0, ColumnDistance.Between(Column(DataType.Float64), Column(DataType.Float64)).Missing.Value);
        Assert.NotNull(ColumnDistance.Between(Column(DataType.Int64, 1L), Column(DataType.Float64, 1.5)).JensenShannon);
    }

    /// <summary>What a model keeps: the most frequent values only. Those left out must not look like values that vanished.</summary>
    [Fact]
    public void Values_that_one_side_did_not_keep_are_pooled()
    {
        var values = Repeated([.. Enumerable.Range(1, 60).Select(index => ((object?)$"v{index}", index))]);
        var (all, kept) = (Column(DataType.Text, values), Column(DataType.Text, values).KeepValues(5));
        var distance = ColumnDistance.Between(kept, all);
        Assert.Equal((0, 0), (distance.LInfinity!.Value.Value, distance.JensenShannon!.Value.Value));
    }

    /// <summary>The coarser sketch may be off by half a per cent of the rank: that is no difference of the data.</summary>
    [Fact]
    public void What_a_model_keeps_of_numbers_is_within_chance_of_them()
    {
        var random = new Random(1);
        var all = Column(DataType.Float64, Numbers(200_000, _ => Normal(random)));
        var distance = ColumnDistance.Between(all.KeepValues(1000), all);
        Assert.False(distance.JensenShannon!.Value.IsSignificant || distance.KolmogorovSmirnov!.Value.IsSignificant);
        Assert.InRange(distance.JensenShannon.Value.ByChance, 1e-6, 0.01);
    }

    [Fact]
    public void A_shift_that_is_no_number_is_none() => Assert.Null(
        ColumnDistance.Between(Column(DataType.Float64, 0.0, double.Epsilon), Column(DataType.Float64, 1.0)).MeanShift);

    [Fact]
    public void Two_samples_of_one_source_rarely_exceed_what_chance_gives()
    {
        var random = new Random(3);
        var (divergent, moved, ranked, missing) = (0, 0, 0, 0);
        const int Rounds = 400;
        for (var round = 0; round < Rounds; round++)
        {
            object? Number() => random.Next(5) == 0 ? null : Normal(random);
            var numbers = ColumnDistance.Between(
                Column(DataType.Float64, Enumerable.Range(0, 500).Select(_ => Number())), Column(DataType.Float64, Enumerable.Range(0, 300).Select(_ => Number())));
            string Text() => "abcdefgh"[(int)(8 * random.NextDouble() * random.NextDouble())].ToString();
            var texts = ColumnDistance.Between(
                Column(DataType.Text, Enumerable.Range(0, 500).Select(_ => Text())), Column(DataType.Text, Enumerable.Range(0, 300).Select(_ => Text())));
            divergent += (numbers.JensenShannon!.Value.IsSignificant ? 1 : 0) + (texts.JensenShannon!.Value.IsSignificant ? 1 : 0);
            moved += texts.LInfinity!.Value.IsSignificant ? 1 : 0;
            ranked += numbers.KolmogorovSmirnov!.Value.IsSignificant ? 1 : 0;
            missing += numbers.Missing.IsSignificant ? 1 : 0;
        }

        // 1 % of 800 and 400; four standard deviations of the binomial.
        Assert.InRange(divergent, 0, 8 + 12);
        Assert.InRange(moved, 0, 4 + 8);
        Assert.InRange(ranked, 0, 4 + 8);
        Assert.InRange(missing, 0, 4 + 8);
        Assert.True(divergent + moved + ranked + missing > 0, "A level that nothing ever exceeds is no 99 % level.");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Distances_are_symmetric_and_between_0_and_1(int seed)
    {
        var random = new Random(seed);
        object?[] Values(DataType type) => [.. Enumerable.Range(0, random.Next(1, 200)).Select(_ => random.Next(6) == 0 ? null : type switch
        {
            DataType.Float64 => (object)Math.Round(Normal(random), random.Next(3)), DataType.Int64 => random.NextInt64(5), DataType.Boolean => random.Next(2) == 0,
            DataType.Text => $"{random.Next(9)}", _ => random.NextInt64(100),
        })];
        foreach (var type in Enum.GetValues<DataType>().Except([DataType.TextList]))
        {
            var (left, right) = (Column(type, Values(type)), Column(type, Values(type)));
            var (one, other) = (ColumnDistance.Between(left, right), ColumnDistance.Between(right, left));
            foreach (var (a, b) in new[]
            {
                (one.JensenShannon, other.JensenShannon), (one.LInfinity, other.LInfinity), (one.KolmogorovSmirnov, other.KolmogorovSmirnov),
                (one.NormalizedAbsoluteDifference, other.NormalizedAbsoluteDifference), (one.Missing, other.Missing),
            })
            {
                Assert.Equal(a?.Value ?? 0, b?.Value ?? 0, 12);
                Assert.InRange(a?.Value ?? 0, 0, 1);
            }
        }
    }

    /// <summary>The definition, term by term.</summary>
    static double Divergence(double[] p, double[] q)
    {
        double Kl(double[] a) => a.Zip(p.Zip(q, (x, y) => (x + y) / 2)).Where(each => each.First > 0).Sum(each => each.First * Math.Log2(each.First / each.Second));
        return (Kl(p) + Kl(q)) / 2;
    }

    static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
