using Capstan.Data;
using Capstan.Features;
using Capstan.Training;

namespace Capstan.Parameters.Tests;

/// <summary>Made-up training rows: the same for the same seed, in every process.</summary>
static class ExampleRows
{
    public static readonly FeatureLayout Layout = new(
    [
        FeatureSpec.Numeric("x"), FeatureSpec.Numeric("y"), FeatureSpec.Numeric("z"),
        FeatureSpec.Category("a", 300), FeatureSpec.Category("b", 3), FeatureSpec.Category("c", 41),
    ]);

    /// <summary>Rows whose label depends on all features.</summary>
    public static FeatureStore Make(int count, ulong seed, bool isWeighted = false)
    {
        var random = new SeededRandom(seed);
        using var writer = new FeatureStoreWriter(Layout, FeatureStoreOptions.Default);
        var batch = new TrainingBatch(Layout);
        batch.Resize(count);
        for (var row = 0; row < count; row++)
        {
            var score = 0.0;
            for (var feature = 0; feature < 3; feature++)
            {
                var value = batch.Features.Numeric(feature)[row] = (float)random.NextNormal();
                score += (feature - 1) * value;
            }

            for (var feature = 0; feature < 3; feature++)
            {
                var category = batch.Features.Category(feature)[row] = random.NextInt32(Layout.Categories[feature].Cardinality);
                score += category % 3 - 1;
            }

            batch.Labels[row] = random.NextDouble() < 1 / (1 + Math.Exp(-score)) ? 1 : 0;
            batch.Weights[row] = isWeighted ? 1 + row % 3 : 1;
        }

        writer.Append(batch);
        return writer.Finish();
    }
}
