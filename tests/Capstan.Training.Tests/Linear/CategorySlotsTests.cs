using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Tests.Linear;

public sealed class CategorySlotsTests
{
    static readonly FeatureLayout Layout = new([FeatureSpec.Numeric("x"), FeatureSpec.Category("a", 50), FeatureSpec.Category("b", 3000)]);

    static TrainingBatch Batch(FeatureLayout layout, int rows, ulong seed)
    {
        var (batch, random) = (new TrainingBatch(layout), new SeededRandom(seed));
        batch.Resize(rows);
        for (var row = 0; row < rows; row++)
        {
            for (var index = 0; index < layout.Numerics.Length; index++)
            {
                batch.Features.Numeric(index)[row] = (float)random.NextNormal();
            }

            for (var index = 0; index < layout.Categories.Length; index++)
            {
                batch.Features.Category(index)[row] = random.NextInt32(layout.Categories[index].Cardinality);
            }

            (batch.Labels[row], batch.Weights[row]) = (random.NextInt32(2), 1);
        }

        return batch;
    }

    static FtrlLearner Learner(FeatureLayout layout, long mostDense) => new(
        new Loss.Logistic(), layout, LabelMoments.Of([0, 1], [1, 1]), LinearOptions.Default, mostDense);

    [Fact]
    public void Slots_are_numbered_by_first_occurrence_and_found_again()
    {
        var (slots, known, random) = (new CategorySlots(), new Dictionary<int, int>(), new Random(3));
        for (var step = 0; step < 20_000; step++)
        {
            var category = random.Next(4) == 0 ? random.Next() : random.Next(3000) * 1024;
            known.TryAdd(category, known.Count);
            Assert.Equal(known[category], slots.SlotOf(category));
        }

        Assert.Equal(known.OrderBy(each => each.Value).Select(each => each.Key), slots.Categories.ToArray());
        slots.Clear();
        Assert.Equal(0, slots.SlotOf(7));
    }

    [Fact]
    public void A_table_of_what_occurs_learns_the_same_bits_as_one_of_everything()
    {
        var (dense, sparse) = (Learner(Layout, long.MaxValue), Learner(Layout, 0));
        for (var step = 0UL; step < 20; step++)
        {
            Assert.Equal(dense.Learn(Batch(Layout, 200, step)), sparse.Learn(Batch(Layout, 200, step)));
        }

        var (expected, found) = ((LinearPredictor)dense.Freeze(), (LinearPredictor)sparse.Freeze());
        Assert.Equal(expected.CategoryWeights, found.CategoryWeights);
        Assert.Equal(expected.NumericWeights, found.NumericWeights);
        Assert.Equal(expected.Biases, found.Biases);

        // And goes on from a model the same way.
        dense.StartAt(expected);
        sparse.StartAt(expected);
        dense.Learn(Batch(Layout, 300, 99));
        sparse.Learn(Batch(Layout, 300, 99));
        Assert.Equal(((LinearPredictor)dense.Freeze()).CategoryWeights, ((LinearPredictor)sparse.Freeze()).CategoryWeights);
    }

    [Fact]
    public void Of_2_to_the_28_buckets_only_those_that_occur_take_memory()
    {
        var layout = new FeatureLayout([FeatureSpec.Category("cross", 1 << 28)]);
        var batch = Batch(layout, 50_000, 1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var learner = Learner(layout, FtrlLearner.MostDense);
        learner.Learn(batch);
        var used = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(used < 50_000 * 200L, $"{used:N0} bytes for 50,000 rows.");
    }
}
