using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Tests.Networks;

/// <summary>Batches and models that several tests of networks need.</summary>
static class Sample
{
    public static readonly FeatureLayout Mixed = new(
    [
        FeatureSpec.Numeric("x"), FeatureSpec.Numeric("y"), FeatureSpec.Numeric("z"),
        FeatureSpec.Category("a", 7), FeatureSpec.Category("b", 3),
    ]);

    public static TrainingBatch Batch(FeatureLayout layout, int rows, ModelTask task, SeededRandom random)
    {
        var batch = new TrainingBatch(layout);
        batch.Resize(rows);
        for (var feature = 0; feature < layout.Numerics.Length; feature++)
        {
            foreach (ref var value in batch.Features.Numeric(feature))
            {
                value = (float)random.NextNormal();
            }
        }

        for (var feature = 0; feature < layout.Categories.Length; feature++)
        {
            foreach (ref var value in batch.Features.Category(feature))
            {
                value = random.NextInt32(layout.Categories[feature].Cardinality);
            }
        }

        for (var row = 0; row < rows; row++)
        {
            batch.Labels[row] = task == ModelTask.Regression ? (float)(50 + 10 * random.NextNormal()) : random.NextInt32(2);
            batch.Weights[row] = random.NextInt32(4) * 0.5f;
        }

        return batch;
    }

    public static float[] Parameters(this DnnLearner learner) => [.. ((DnnPredictor)learner.Freeze()).Parameters];

    public static float[] Predict(this DnnLearner learner, FeatureBuffer features)
    {
        var model = learner.Freeze();
        var scores = new float[features.RowCount];
        model.Predict(features, scores, model.CreateWorkspace());
        return scores;
    }
}
