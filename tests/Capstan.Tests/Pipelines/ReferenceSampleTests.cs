using Capstan.Features;
using Capstan.Training;

namespace Capstan.Tests.Pipelines;

public sealed class ReferenceSampleTests
{
    static readonly FeatureLayout Layout = new([FeatureSpec.Numeric("x"), FeatureSpec.Category("c", 4)]);

    [Fact]
    public void A_few_rows_are_all_kept_without_those_of_weight_0()
    {
        var rows = Sample(Enumerable.Range(0, 9), weightOf: row => row == 4 ? 0 : 1);
        Assert.Equal([0, 1, 2, 3, 5, 6, 7, 8], rows!.Numeric(0).ToArray());
        Assert.Equal([0, 1, 2, 3, 1, 2, 3, 0], rows.Category(0).ToArray());
        Assert.Null(Sample([], _ => 1));
    }

    [Fact]
    public void Of_many_rows_each_is_as_likely_and_a_seed_and_the_cut_into_batches_change_nothing_else()
    {
        var means = Enumerable.Range(0, 20).Select(seed =>
        {
            var rows = Sample(Enumerable.Range(0, 5000), _ => 1, (ulong)seed)!;
            Assert.Equal(128, rows.RowCount);
            Assert.Equal(rows.Numeric(0), Sample(Enumerable.Range(0, 5000), _ => 1, (ulong)seed, batch: 77)!.Numeric(0));
            return rows.Mean(0);
        }).ToArray();
        // The mean of 20 × 128 draws has a deviation of 5000 / √12 / √2560 ≈ 29; three of them.
        Assert.InRange(means.Average(), 2500 - 87, 2500 + 87);
        Assert.Equal(20, means.Distinct().Count());
    }

    [Fact]
    public void A_model_of_very_many_features_keeps_fewer_rows()
    {
        var wide = new FeatureLayout(Enumerable.Range(0, 20_000).Select(index => FeatureSpec.Numeric($"x{index}")));
        var (sample, batch) = (new ReferenceSample(wide, 1), new TrainingBatch(wide));
        batch.Resize(100);
        batch.Weights.Fill(1);
        sample.Observe(batch);
        Assert.Equal(26, sample.Rows!.RowCount);
    }

    static Capstan.Models.ReferenceRows? Sample(IEnumerable<int> numbers, Func<int, float> weightOf, ulong seed = 1, int batch = 1000)
    {
        var sample = new ReferenceSample(Layout, seed);
        var rows = new TrainingBatch(Layout);
        foreach (var chunk in numbers.Chunk(batch))
        {
            rows.Resize(chunk.Length);
            for (var row = 0; row < chunk.Length; row++)
            {
                (rows.Features.Numeric(0)[row], rows.Features.Category(0)[row]) = (chunk[row], chunk[row] % 4);
                rows.Weights[row] = weightOf(chunk[row]);
            }

            sample.Observe(rows);
        }

        return sample.Rows;
    }
}
