using Capstan.Features;

namespace Capstan.Training.Tests;

/// <summary>Rows for tests of stores, loops and linear learners.</summary>
static class ExampleRows
{
    public static FeatureLayout Layout(int numerics, params int[] cardinalities) => new(
    [
        .. Enumerable.Range(0, numerics).Select(index => FeatureSpec.Numeric($"n{index}")),
        .. cardinalities.Select((cardinality, index) => FeatureSpec.Category($"c{index}", cardinality)),
    ]);

    public static FeatureLayout RandomLayout(Random random)
    {
        int[] cardinalities = [1, 2, 7, 255, 256, 257, 5000, 65535, 65536, 65537, 100_000];
        var drawn = Enumerable.Range(0, random.Next(0, 6)).Select(_ => cardinalities[random.Next(cardinalities.Length)]);
        return Layout(random.Next(0, 6), [.. drawn]);
    }

    /// <summary>
    /// A batch of rows from standard normal numbers, uniform categories, and the label and weight functions of the row number.
    /// </summary>
    public static TrainingBatch Random(
        FeatureLayout layout, int count, Random random, Func<int, float>? label = null, Func<int, float>? weight = null)
    {
        var batch = new TrainingBatch(layout);
        batch.Resize(count);
        for (var index = 0; index < layout.Numerics.Length; index++)
        {
            foreach (ref var value in batch.Features.Numeric(index))
            {
                value = (float)Normal(random);
            }
        }

        for (var index = 0; index < layout.Categories.Length; index++)
        {
            foreach (ref var category in batch.Features.Category(index))
            {
                // Both ends of the range come up often: they are where bytes run out.
                var cardinality = layout.Categories[index].Cardinality;
                category = random.Next(4) == 0 ? cardinality - 1 : random.Next(cardinality);
            }
        }

        for (var row = 0; row < count; row++)
        {
            batch.Labels[row] = label?.Invoke(row) ?? 0f;
            batch.Weights[row] = weight?.Invoke(row) ?? 1f;
        }

        return batch;
    }

    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    public static FeatureStore Store(params TrainingBatch[] batches) => Store(FeatureStoreOptions.Default, batches);

    public static FeatureStore Store(FeatureStoreOptions options, params TrainingBatch[] batches)
    {
        using var writer = new FeatureStoreWriter(batches[0].Features.Layout, options);
        foreach (var batch in batches)
        {
            writer.Append(batch);
        }

        return writer.Finish();
    }

    /// <summary>Rows [start, start + count) of a batch as a batch of their own.</summary>
    public static TrainingBatch Slice(TrainingBatch batch, int start, int count)
    {
        var layout = batch.Features.Layout;
        var slice = new TrainingBatch(layout);
        slice.Resize(count);
        for (var index = 0; index < layout.Numerics.Length; index++)
        {
            batch.Features.Numeric(index).Slice(start, count).CopyTo(slice.Features.Numeric(index));
        }

        for (var index = 0; index < layout.Categories.Length; index++)
        {
            batch.Features.Category(index).Slice(start, count).CopyTo(slice.Features.Category(index));
        }

        batch.Labels.Slice(start, count).CopyTo(slice.Labels);
        batch.Weights.Slice(start, count).CopyTo(slice.Weights);
        return slice;
    }

    /// <summary>Every row as text that tells all its bits.</summary>
    public static List<string> Describe(IEnumerable<TrainingBatch> batches)
    {
        var rows = new List<string>();
        foreach (var batch in batches)
        {
            var layout = batch.Features.Layout;
            for (var row = 0; row < batch.RowCount; row++)
            {
                var at = row;
                var numbers = layout.Numerics.Select((_, index) => Bits(batch.Features.Numeric(index)[at]));
                var categories = layout.Categories.Select((_, index) => batch.Features.Category(index)[at]);
                var label = $"{Bits(batch.Labels[row])} {Bits(batch.Weights[row])}";
                rows.Add($"{label} | {string.Join(' ', numbers)} | {string.Join(' ', categories)}");
            }
        }

        return rows;
    }

    static string Bits(float value) => BitConverter.SingleToUInt32Bits(value).ToString("x8");
}
