using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Trees.Tests;

/// <summary>Rows with something for trees to find: steps in numbers, categories that matter, mostly empty columns, noise.</summary>
static class TreeRows
{
    public const int Cities = 40;

    /// <summary>Numbers x, y, whole and sparse ones, then the categories city and kind.</summary>
    public static readonly FeatureLayout Layout = new(
    [
        FeatureSpec.Numeric("x"), FeatureSpec.Numeric("y"), FeatureSpec.Numeric("whole"), FeatureSpec.Numeric("sparse"),
        FeatureSpec.Numeric("sparser"), FeatureSpec.Category("city", Cities), FeatureSpec.Category("kind", 3),
    ]);

    /// <summary>By name, since attributes hold no losses.</summary>
    public static Loss LossOf(string name) => name switch
    {
        "logistic" => new Loss.Logistic(),
        "softmax" => new Loss.Softmax(4),
        _ => LossText.Parse(name),
    };

    public static TrainingBatch Batch(Loss loss, int count, ulong seed, bool weighted = false)
    {
        var random = new SeededRandom(seed);
        var batch = new TrainingBatch(Layout);
        batch.Resize(count);
        for (var row = 0; row < count; row++)
        {
            var (x, y) = ((float)random.NextNormal(), random.NextSingle() * 10);
            var (city, kind) = (random.NextInt32(Cities), random.NextInt32(3));
            batch.Features.Numeric(0)[row] = x;
            batch.Features.Numeric(1)[row] = y;
            batch.Features.Numeric(2)[row] = random.NextInt32(20) - 5;
            batch.Features.Numeric(3)[row] = random.NextInt32(20) == 0 ? random.NextSingle() : 0;
            batch.Features.Numeric(4)[row] = random.NextInt32(50) == 0 ? -random.NextSingle() : 0;
            batch.Features.Category(0)[row] = city;
            batch.Features.Category(1)[row] = kind;
            var value = 3 * MathF.Sin(y) + (x > 0.3f ? 2 : 0) + city * 7 % 5 + (kind == 1 ? x : 0)
                + 4 * batch.Features.Numeric(3)[row] + (float)random.NextNormal() * 0.5f;
            batch.Labels[row] = loss switch
            {
                Loss.Logistic => value > 3 ? 1 : 0,
                Loss.Softmax => Math.Clamp(MathF.Floor(value / 2), 0, 3),
                Loss.Poisson => MathF.Max(0, MathF.Floor(value)),
                Loss.Gamma => MathF.Exp(value / 4),
                _ => value,
            };
            batch.Weights[row] = weighted ? random.NextInt32(4) * 0.5f : 1;
        }

        return batch;
    }

    public static FeatureStore Store(Loss loss, int count, ulong seed, bool weighted = false) =>
        Store(Batch(loss, count, seed, weighted));

    public static FeatureStore Store(TrainingBatch batch)
    {
        using var writer = new FeatureStoreWriter(batch.Features.Layout, FeatureStoreOptions.Default);
        writer.Append(batch);
        return writer.Finish();
    }

    public static TrainingResult Train(FeatureStore rows, Loss loss, BoostedTreesOptions options, FeatureStore? validation = null) =>
        new BoostedTreesTraining(TimeProvider.System).Run(loss, rows, validation, options, null, CancellationToken.None);

    public static float[] Scores(this IPredictor predictor, FeatureBuffer features)
    {
        var scores = new float[features.RowCount * predictor.Output.Width];
        predictor.Predict(features, scores, predictor.CreateWorkspace());
        return scores;
    }

    /// <summary>By weight, one row after another.</summary>
    public static double MeanLoss(Loss loss, IPredictor predictor, FeatureStore rows)
    {
        double lossSum = 0, weightSum = 0;
        foreach (var batch in rows.Rows(1000))
        {
            var scores = predictor.Scores(batch.Features);
            for (var row = 0; row < batch.RowCount; row++)
            {
                var width = predictor.Output.Width;
                lossSum += batch.Weights[row] * loss.Of(scores.AsSpan(row * width, width), batch.Labels[row]);
                weightSum += batch.Weights[row];
            }
        }

        return lossSum / weightSum;
    }
}
