namespace Capstan.Data.Tests.Summaries;

public sealed class MomentsLaws
{
    public static TheoryData<int> Seeds => RandomValues.Seeds;

    [Theory, MemberData(nameof(Seeds))]
    public void Merging_any_split_equals_one_pass(int seed)
    {
        var random = new Random(seed);
        var values = RandomValues.Numbers(random, 3000);
        var cut = random.Next(values.Length + 1);
        AssertClose(Moments.Of(values), Moments.Of(values.AsSpan(..cut)).Merge(Moments.Of(values.AsSpan(cut..))));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void One_value_at_a_time_agrees_with_spans(int seed)
    {
        var values = RandomValues.Numbers(new Random(seed), 2000);
        var single = new Moments();
        Array.ForEach(values, single.Observe);
        AssertClose(Moments.Of(values), single);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Two_passes_in_doubles_agree(int seed)
    {
        var values = RandomValues.Numbers(new Random(seed), 2000);
        var finite = values.Where(double.IsFinite).ToArray();
        var moments = Moments.Of(values);
        Assert.Equal(finite.Length, moments.Count);
        if (finite.Length > 0)
        {
            var mean = finite.Average();
            var variance = finite.Average(value => (value - mean) * (value - mean));
            AssertClose(mean, moments.Mean, finite.Length * 1.2e-16 * finite.Max(Math.Abs));
            // The plain sum of the oracle rounds once per value.
            AssertClose(variance, moments.Variance, VarianceError(mean, variance) + finite.Length * 1.2e-16 * variance);
            Assert.Equal((finite.Min(), finite.Max()), (moments.Min, moments.Max));
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Merging_commutes_and_empty_is_neutral_to_the_bit(int seed)
    {
        var random = new Random(seed);
        var left = Moments.Of(RandomValues.Numbers(random, 1000));
        var right = Moments.Of(RandomValues.Numbers(random, 1000));
        Assert.Equal(left.Merge(right).ToBytes(), right.Merge(left).ToBytes());
        Assert.Equal(left.ToBytes(), left.Merge(Moments.Empty).ToBytes());
        Assert.Equal(left.ToBytes(), Moments.Empty.Merge(left).ToBytes());
        Assert.Equal(left.ToBytes(), StoredState.FromBytes<Moments>(left.ToBytes()).ToBytes());
    }

    /// <summary>The stated error: a relative 1e-14, times how much larger the numbers are than their spread.</summary>
    static void AssertClose(Moments expected, Moments actual)
    {
        Assert.Equal((expected.Count, expected.Min, expected.Max), (actual.Count, actual.Min, actual.Max));
        AssertClose(expected.Mean, actual.Mean, 1e-14 * Math.Max(Math.Abs(expected.Min), Math.Abs(expected.Max)));
        AssertClose(expected.Variance, actual.Variance, VarianceError(expected.Mean, expected.Variance));
    }

    static double VarianceError(double mean, double variance) => 1e-14 * Math.Sqrt(variance * (variance + mean * mean));

    static void AssertClose(double expected, double actual, double tolerance) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance, $"expected {expected:R}, found {actual:R}");
}
