using Capstan.Features;

namespace Capstan.Training.Tests.Shuffling;

public sealed class FeatureStoreTests
{
    static readonly FeatureLayout Layout = ExampleRows.Layout(2, 3, 300, 70_000);

    [Fact]
    public void Rows_come_back_as_they_were_in_the_order_they_came()
    {
        var batch = ExampleRows.Random(Layout, 20_000, new Random(1), row => row, row => row % 3);
        using var store = ExampleRows.Store(batch);
        Assert.Equal(ExampleRows.Describe([batch]), ExampleRows.Describe(store.Rows(700)));
        Assert.Equal(20_000, store.RowCount);
        Assert.Equal(29, store.BatchesPerEpoch(700));
    }

    [Fact]
    public void Batches_are_full_but_for_the_last()
    {
        using var store = ExampleRows.Store(ExampleRows.Random(Layout, 20_000, new Random(1)));
        Assert.Equal([9000, 9000, 2000], store.Epoch(0, 1, 9000).Select(batch => batch.RowCount));
        Assert.Equal([20_000], store.Epoch(0, 1, 50_000).Select(batch => batch.RowCount));
    }

    [Fact]
    public void No_rows_are_no_batches()
    {
        using var writer = new FeatureStoreWriter(Layout, FeatureStoreOptions.Default);
        using var store = writer.Finish();
        Assert.Equal(0, store.RowCount);
        Assert.Empty(store.Epoch(0, 1, 10));
        Assert.Empty(store.Rows(10));
    }

    [Fact]
    public void One_row_is_every_epoch()
    {
        var batch = ExampleRows.Random(Layout, 1, new Random(1), _ => 5f);
        using var store = ExampleRows.Store(batch);
        Assert.Equal(ExampleRows.Describe([batch]), ExampleRows.Describe(store.Epoch(0, 1, 10)));
        Assert.Equal(ExampleRows.Describe([batch]), ExampleRows.Describe(store.Epoch(7, 2, 1)));
    }

    [Fact]
    public void Rows_without_features_keep_their_labels()
    {
        var batch = ExampleRows.Random(ExampleRows.Layout(0), 3, new Random(1), row => row);
        using var store = ExampleRows.Store(batch);
        Assert.Equal(ExampleRows.Describe([batch]), ExampleRows.Describe(store.Rows(2)));
    }

    [Fact]
    public void An_epoch_is_the_same_again_and_others_are_not()
    {
        using var store = ExampleRows.Store(ExampleRows.Random(Layout, 1000, new Random(1), row => row));
        var first = ExampleRows.Describe(store.Epoch(0, 1, 64));
        Assert.Equal(first, ExampleRows.Describe(store.Epoch(0, 1, 64)));
        Assert.NotEqual(first, ExampleRows.Describe(store.Epoch(1, 1, 64)));
        Assert.NotEqual(first, ExampleRows.Describe(store.Epoch(0, 2, 64)));
        Assert.NotEqual(first, ExampleRows.Describe(store.Rows(64)));
    }

    [Fact]
    public void Two_epochs_can_be_read_at_a_time()
    {
        using var store = ExampleRows.Store(ExampleRows.Random(Layout, 1000, new Random(1), row => row));
        var alone = ExampleRows.Describe(store.Epoch(0, 1, 100));
        var together = store.Epoch(0, 1, 100).Zip(store.Epoch(1, 1, 100), (one, _) => ExampleRows.Slice(one, 0, one.RowCount));
        Assert.Equal(alone, ExampleRows.Describe(together));
    }

    [Fact]
    public void Small_cardinalities_take_small_room()
    {
        using var store = ExampleRows.Store(ExampleRows.Random(Layout, 8192, new Random(1)));
        Assert.Equal(8192 * (4 + 2 * 4 + 1 + 2 + 4), store.MemoryBytes);
        var heavy = ExampleRows.Random(Layout, 8192, new Random(1), weight: row => row == 8000 ? 2f : 1f);
        using var weighted = ExampleRows.Store(heavy);
        Assert.Equal(store.MemoryBytes + 8192 * 4, weighted.MemoryBytes);
    }

    [Fact]
    public void The_labels_moments_are_those_of_all_rows()
    {
        var batch = ExampleRows.Random(Layout, 10_000, new Random(1), row => row % 10, row => row % 10 == 0 ? 9f : 1f);
        using var store = ExampleRows.Store(batch);
        Assert.Equal(10_000, store.Labels.RowCount);
        Assert.Equal(18_000, store.Labels.WeightSum, 6);
        Assert.Equal(2.5, store.Labels.Mean, 9);
    }

    [Theory]
    [InlineData(float.NaN, 1f, 0f, 0, "label in row 1")]
    [InlineData(0f, -1f, 0f, 0, "weight in row 1 of the batch is -1")]
    [InlineData(0f, float.PositiveInfinity, 0f, 0, "weight in row 1")]
    [InlineData(0f, 1f, float.NegativeInfinity, 0, "'n1' in row 1")]
    [InlineData(0f, 1f, 0f, 3, "'c0' holds category 3; its categories are 0 to 2")]
    [InlineData(0f, 1f, 0f, -1, "'c0' holds category -1")]
    public void Rows_that_could_not_be_learned_from_are_refused_whole(
        float label, float weight, float number, int category, string expected)
    {
        using var writer = new FeatureStoreWriter(Layout, FeatureStoreOptions.Default);
        var batch = ExampleRows.Random(Layout, 3, new Random(1));
        batch.Labels[1] = label;
        batch.Weights[1] = weight;
        batch.Features.Numeric(1)[1] = number;
        batch.Features.Category(0)[1] = category;
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => writer.Append(batch)).Message);
        using var store = writer.Finish();
        Assert.Equal(0, store.RowCount);
    }

    [Fact]
    public void Rows_of_another_layout_are_refused()
    {
        using var writer = new FeatureStoreWriter(Layout, FeatureStoreOptions.Default);
        Assert.Throws<ArgumentException>(() => writer.Append(ExampleRows.Random(ExampleRows.Layout(1), 1, new Random(1))));
    }

    [Fact]
    public void A_writer_that_has_finished_takes_no_more()
    {
        using var writer = new FeatureStoreWriter(Layout, FeatureStoreOptions.Default);
        using var store = writer.Finish();
        Assert.Throws<ObjectDisposedException>(() => writer.Append(ExampleRows.Random(Layout, 1, new Random(1))));
        Assert.Throws<ObjectDisposedException>(writer.Finish);
    }

    [Fact]
    public void A_disposed_store_gives_no_more_rows()
    {
        var store = ExampleRows.Store(ExampleRows.Random(Layout, 100, new Random(1)));
        using var epoch = store.Epoch(0, 1, 10).GetEnumerator();
        Assert.True(epoch.MoveNext());
        store.Dispose();
        Assert.Throws<ObjectDisposedException>(() => epoch.MoveNext());
        Assert.Throws<ObjectDisposedException>(() => store.Rows(10).First());
    }

    [Fact]
    public void Later_epochs_allocate_next_to_nothing()
    {
        using var store = ExampleRows.Store(ExampleRows.Random(Layout, 20_000, new Random(1)));
        Assert.Equal(20_000, CountRows(0));
        Assert.InRange(Allocations.Of(() => Assert.Equal(20_000, CountRows(1))), 0, 1000);

        long CountRows(int epochIndex)
        {
            long count = 0;
            foreach (var batch in store.Epoch(epochIndex, 1, 100))
            {
                count += batch.RowCount;
            }

            return count;
        }
    }

    [Fact]
    public void Windows_and_blocks_have_bounds_for_any_row()
    {
        Assert.Equal(new BlockShape(8192, 256), BlockShape.Of(5));
        Assert.Equal(new BlockShape(8192, 256), BlockShape.Of(30));
        Assert.Equal(new BlockShape(8192, 81), BlockShape.Of(100));
        Assert.Equal(new BlockShape(2048, 81), BlockShape.Of(404));
        Assert.Equal(new BlockShape(64, 16), BlockShape.Of(100_000));
    }
}
