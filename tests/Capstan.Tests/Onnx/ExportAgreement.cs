using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Tests;

/// <summary>How far an exported model's features and scores are from those of the engine, batch after batch.</summary>
sealed class ExportAgreement(ModelArtifact artifact)
{
    readonly FeatureBuffer _features = new(artifact.Transform.Output);
    readonly TransformWorkspace _workspace = artifact.Transform.CreateWorkspace();
    readonly ModelScorer _scorer = new(artifact.Transform, artifact.Predictor);

    public long Rows { get; private set; }

    public long Features { get; private set; }

    /// <summary>Values of features that have other bits.</summary>
    public long UnequalFeatures { get; private set; }

    /// <summary>The largest distance of a numeric feature in steps of single precision.</summary>
    public long MostSteps { get; private set; }

    /// <summary>The largest difference of a score, divided by the score where that is above 1.</summary>
    public double MostOfScore { get; private set; }

    public void Add(ColumnBatch rows, Dictionary<string, Array> features, float[] scores)
    {
        artifact.Transform.Apply(rows, _features, _workspace);
        var layout = artifact.Transform.Output;
        for (var index = 0; index < layout.Numerics.Length; index++)
        {
            AddNumbers(_features.Numeric(index), (float[])features[$"feature.{layout.Numerics[index].Name}"]);
        }

        for (var index = 0; index < layout.Categories.Length; index++)
        {
            AddCategories(_features.Category(index), (long[])features[$"feature.{layout.Categories[index].Name}"]);
        }

        var expected = new float[rows.RowCount];
        _scorer.ScoreRaw(rows, expected);
        Assert.Equal(rows.RowCount, scores.Length);
        MostOfScore = expected.Zip(scores, (ours, theirs) => Math.Abs(ours - theirs) / Math.Max(1, Math.Abs(ours))).Append((float)MostOfScore).Max();
        Rows += rows.RowCount;
    }

    public override string ToString() =>
        $"{Rows:N0} rows, {Features:N0} values of features, {UnequalFeatures:N0} of other bits (by {MostSteps} steps at most), scores within {MostOfScore:0.0e+0}";

    void AddNumbers(ReadOnlySpan<float> expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (var row = 0; row < found.Length; row++)
        {
            var steps = Math.Abs((long)BitConverter.SingleToInt32Bits(expected[row]) - BitConverter.SingleToInt32Bits(found[row]));
            Count(steps);
        }
    }

    void AddCategories(ReadOnlySpan<int> expected, long[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (var row = 0; row < found.Length; row++)
        {
            Count(expected[row] == found[row] ? 0 : int.MaxValue);
        }
    }

    void Count(long steps)
    {
        Features++;
        UnequalFeatures += steps == 0 ? 0 : 1;
        MostSteps = Math.Max(MostSteps, steps);
    }
}
