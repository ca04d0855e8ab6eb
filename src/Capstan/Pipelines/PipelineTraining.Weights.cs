using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>What changes how much a row counts, or where its score begins: class weights and offsets.</summary>
public sealed partial class PipelineTraining
{
    /// <summary>The name of the offset's feature, where there is one.</summary>
    /// <exception cref="PipelineException">The loss takes no offset.</exception>
    string? OffsetOf(Loss loss) => pipeline.Offset is null ? null
        : OffsetFeature.IsTakenBy(loss) ? Pipeline.OffsetName
        : throw new PipelineException(
        [
            "offset: " + (loss is Loss.Softmax ? "a label of more than two classes" : $"the loss {LossText.Of(loss)}") +
            " takes none; squared, poisson, gamma and labels of two classes do",
        ]);

    /// <summary>What learning starts from: the labels, or what an offset leaves of them.</summary>
    LabelMoments StartingMoments(Loss loss, FeatureStore rows) => OffsetOf(loss) is { } offset
        ? OffsetFeature.Moments(loss, rows.Rows(8192), OffsetFeature.IndexOf(offset, rows.Layout, loss))
        : rows.Labels;

    /// <summary>The same of a batch of a stream, which is weighed here.</summary>
    LabelMoments MomentsOf(TrainingBatch batch, Loss loss, FeatureLayout layout, ClassFactors? factors)
    {
        factors?.Apply(batch);
        return OffsetOf(loss) is { } offset
            ? OffsetFeature.Moments(loss, batch, OffsetFeature.IndexOf(offset, layout, loss))
            : LabelMoments.Of(batch.Labels, batch.Weights);
    }

    /// <param name="rows">The training rows; null of a stream, which can't be counted before it is learned from.</param>
    /// <exception cref="PipelineException">A class is unknown, or a stream shall be balanced.</exception>
    ClassFactors? ClassFactorsOf(LabelDefinition label, FeatureStore? rows)
    {
        if (pipeline.Estimator.ClassWeights is not { } weights || label.Classes is not { } classes)
        {
            return null;
        }

        return weights.IsBalanced && rows is null
            ? throw new PipelineException(
                ["estimator.classWeights: balanced counts the rows of each class first, and a stream is read once; name the weights"])
            : weights.FactorsOf(classes, rows?.Rows(8192) ?? []);
    }
}
