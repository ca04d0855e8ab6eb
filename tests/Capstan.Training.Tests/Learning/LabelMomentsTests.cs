namespace Capstan.Training.Tests.Learning;

public sealed class LabelMomentsTests
{
    [Fact]
    public void Mean_and_deviation_are_by_weight()
    {
        var moments = LabelMoments.Of([1f, 4f], [2f, 1f]);
        Assert.Equal(new LabelMoments(2, 3, 2, 2 * 1 + 4), moments);
        Assert.Equal(Math.Sqrt(2), moments.StandardDeviation, 12);
    }

    [Fact]
    public void No_labels_and_labels_without_weight_have_moments_of_0()
    {
        Assert.Equal(default, LabelMoments.Of([], []));
        Assert.Equal(new LabelMoments(2, 0, 0, 0), LabelMoments.Of([1f, 2f], [0f, 0f]));
        Assert.Equal(0, default(LabelMoments).StandardDeviation);
    }

    [Fact]
    public void Merging_any_split_equals_one_pass_up_to_rounding()
    {
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            float[] labels = [.. Enumerable.Range(0, random.Next(0, 100)).Select(_ => 1e6f + random.NextSingle())];
            float[] weights = [.. labels.Select(_ => random.Next(3) * random.NextSingle())];
            var cut = random.Next(0, labels.Length + 1);
            var whole = LabelMoments.Of(labels, weights);
            var merged = LabelMoments.Of(labels.AsSpan(0, cut), weights.AsSpan(0, cut))
                .Merge(LabelMoments.Of(labels.AsSpan(cut), weights.AsSpan(cut)));
            Assert.Equal(whole.RowCount, merged.RowCount);
            Assert.Equal(whole.WeightSum, merged.WeightSum, 1e-9);
            Assert.Equal(whole.Mean, merged.Mean, 1e-6);
            Assert.Equal(whole.SquaredDeviations, merged.SquaredDeviations, 1e-6);
        }
    }
}
