namespace Capstan.Training.Tests.Shuffling;

public sealed class FeatureStoreLaws
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_epoch_has_each_row_once_in_an_order_that_no_budget_or_cutting_changes(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 25; round++)
        {
            // Small blocks and windows, so that few rows make many windows.
            var shape = new BlockShape(1 << random.Next(0, 6), random.Next(1, 6));
            var rowCount = random.Next(0, 600);
            var weighted = random.Next(2) == 0;
            var codec = new RowCodec(ExampleRows.RandomLayout(random));
            var all = ExampleRows.Random(
                codec.Layout, rowCount, random, row => row, row => weighted && row % 97 < 7 ? row % 3 : 1f);
            using var memory = Store(codec, shape, long.MaxValue, all, random);
            using var mixed = Store(codec, shape, random.Next(0, 1 + rowCount * codec.RowBytes), all, random);
            using var spilled = Store(codec, shape, 0, all, random);
            var what = $"seed {seed}, round {round}, {shape}, {rowCount} rows";
            var sequential = ExampleRows.Describe([all]);
            Assert.True(sequential.SequenceEqual(ExampleRows.Describe(mixed.Rows(random.Next(1, 700)))), what);
            foreach (var epochIndex in Enumerable.Range(0, 3))
            {
                var order = Order(memory, epochIndex);
                Assert.True(order.Order().SequenceEqual(sequential.Order()), what);
                Assert.True(order.SequenceEqual(Order(mixed, epochIndex)), what);
                Assert.True(order.SequenceEqual(Order(spilled, epochIndex)), what);
            }

            Assert.Equal(memory.Labels, spilled.Labels);
        }

        List<string> Order(FeatureStore store, int epochIndex) =>
            ExampleRows.Describe(store.Epoch(epochIndex, (ulong)seed, random.Next(1, 700)));
    }

    [Fact]
    public void Skipping_batches_leaves_the_others_as_they_are()
    {
        var random = new Random(7);
        for (var round = 0; round < 40; round++)
        {
            var shape = new BlockShape(1 << random.Next(0, 6), random.Next(1, 6));
            var codec = new RowCodec(ExampleRows.RandomLayout(random));
            var all = ExampleRows.Random(codec.Layout, random.Next(0, 600), random, row => row);
            using var store = Store(codec, shape, random.Next(0, 1 + all.RowCount * codec.RowBytes), all, random);
            var (batchSize, skipped) = (random.Next(1, 100), random.Next(0, 12));
            var whole = ExampleRows.Describe(store.Epoch(round, 5, batchSize));
            var rest = ExampleRows.Describe(store.Epoch(round, 5, batchSize, skipped));
            Assert.True(whole.Skip(skipped * batchSize).SequenceEqual(rest), $"round {round}, {shape}, {all.RowCount} rows");
        }
    }

    [Fact]
    public void Rows_of_one_window_are_shuffled_uniformly()
    {
        // 100 rows in blocks of 8; where a row lands has mean 49.5 and standard deviation 28.9 whatever row it is.
        var codec = new RowCodec(ExampleRows.Layout(0));
        var all = ExampleRows.Random(codec.Layout, 100, new Random(1), row => row);
        using var store = Store(codec, new BlockShape(8, 16), long.MaxValue, all, new Random(1));
        var positionSums = new double[100];
        var neighbours = 0;
        const int Epochs = 2000;
        for (var epochIndex = 0; epochIndex < Epochs; epochIndex++)
        {
            var labels = store.Epoch(epochIndex, 5, 100).Single().Labels.ToArray();
            for (var position = 0; position < labels.Length; position++)
            {
                positionSums[(int)labels[position]] += position;
                neighbours += position > 0 && Math.Abs(labels[position] - labels[position - 1]) == 1f ? 1 : 0;
            }
        }

        // Four and a half standard errors of a mean of 2,000; two neighbours stay together in 99 × 2/100 places an epoch.
        Assert.All(positionSums, sum => Assert.InRange(sum / Epochs, 49.5 - 2.9, 49.5 + 2.9));
        Assert.InRange((double)neighbours / Epochs, 1.98 - 0.15, 1.98 + 0.15);
    }

    [Fact]
    public void Every_window_draws_blocks_from_all_over_the_rows()
    {
        var codec = new RowCodec(ExampleRows.Layout(0));
        var all = ExampleRows.Random(codec.Layout, 64_000, new Random(1), row => row);
        using var store = Store(codec, new BlockShape(64, 100), long.MaxValue, all, new Random(1));
        var windowMeans = store.Epoch(0, 3, 6400).Select(batch => batch.Labels.ToArray().Average());

        // A window's mean is that of 100 blocks' places: 32,000 ± 18,475 / √100; unshuffled, the first would be 3,200.
        Assert.All(windowMeans, mean => Assert.InRange(mean, 32_000 - 8_000, 32_000 + 8_000));
    }

    static FeatureStore Store(RowCodec codec, BlockShape shape, long budget, TrainingBatch all, Random random)
    {
        using var writer = new FeatureStoreWriter(codec, budget, () => SpillFile.Create(null), shape);
        for (var start = 0; start < all.RowCount;)
        {
            var count = Math.Min(random.Next(0, 200), all.RowCount - start);
            writer.Append(ExampleRows.Slice(all, start, count));
            start += count;
        }

        return writer.Finish();
    }
}
