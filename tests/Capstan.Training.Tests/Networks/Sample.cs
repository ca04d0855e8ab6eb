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

    /// <summary>A loss by its text; <c>logistic</c> and <c>softmax(5)</c> too, which no file names.</summary>
    public static Loss Loss(string text) => text switch
    {
        "logistic" => new Loss.Logistic(),
        _ when text.StartsWith("softmax(", StringComparison.Ordinal) => new Loss.Softmax(int.Parse(text[8..^1])),
        _ => LossText.Parse(text),
    };

    public static TrainingBatch Batch(FeatureLayout layout, int rows, Loss loss, SeededRandom random)
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
            batch.Labels[row] = loss.Output.Link switch
            {
                Link.Identity => (float)(50 + 10 * random.NextNormal()),
                Link.Log => 1 + random.NextInt32(9),
                _ => random.NextInt32(Math.Max(2, loss.Output.Width)),
            };
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
