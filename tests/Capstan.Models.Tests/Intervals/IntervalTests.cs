using Capstan.Data;
using Capstan.Features;
using Capstan.Features.Tests.Onnx;
using Capstan.Models.Tests.Artifacts;

namespace Capstan.Models.Tests.Intervals;

public sealed class IntervalTests
{
    public static TheoryData<string> Kinds => ["around", "quantiles"];

    static ModelArtifact Make(string kind)
    {
        var (model, other) = (SmallModels.Dnn(), SmallModels.Trees(seed: 3));
        return model with
        {
            Intervals = kind == "around"
                ? new PredictionIntervals.Around(0.9, 40, 1.7)
                : new PredictionIntervals.Quantiles(0.8, 40, other.Predictor, SmallModels.Dnn(seed: 9).Predictor, -0.35),
        };
    }

    static (float[] Predictions, float[] Bounds) Score(ModelArtifact artifact, ColumnBatch rows)
    {
        var (predictions, bounds) = (new float[rows.RowCount], new float[2 * rows.RowCount]);
        new IntervalScorer(artifact).Score(rows, predictions, bounds);
        return (predictions, bounds);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Predictions_are_the_scorers_and_lie_inside(string kind)
    {
        var (artifact, rows) = (Make(kind), SmallModels.Rows(100));
        var expected = new float[100];
        new ModelScorer(artifact.Transform, artifact.Predictor).Score(rows, expected);
        var (predictions, bounds) = Score(artifact, rows);
        Assert.Equal(expected, predictions);
        Assert.All(Enumerable.Range(0, 100), row => Assert.InRange(predictions[row], bounds[2 * row], bounds[2 * row + 1]));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_read_is_what_was_written_and_part_of_the_hash(string kind)
    {
        using var folder = new TemporaryFolder();
        var artifact = Make(kind);
        ArtifactFolder.Write(artifact, folder["model"], overwrite: false);
        var read = ArtifactFolder.Read(folder["model"]);
        Assert.Equal(artifact.Hash, read.Hash);
        Assert.NotEqual(SmallModels.Dnn().Hash, read.Hash);
        Assert.Equal(Score(artifact, SmallModels.Rows(50)).Bounds, Score(read, SmallModels.Rows(50)).Bounds);
        File.Delete(folder["model/intervals.cbor"]);
        Assert.Contains("intervals.cbor is missing", Assert.Throws<CorruptArtifactException>(() => ArtifactFolder.Read(folder["model"])).Message);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_file_for_ONNX_Runtime_has_the_same_ends(string kind)
    {
        var (artifact, rows) = (Make(kind), SmallModels.Rows(60));
        using var exported = new OnnxModel(OnnxModelExport.Export(artifact));
        var (found, (_, bounds)) = (exported.Run(rows), Score(artifact, rows));
        var (lower, upper) = ((float[])found["lower"], (float[])found["upper"]);
        for (var row = 0; row < 60; row++)
        {
            Assert.Equal(bounds[2 * row], lower[row], 1e-5 * (1 + Math.Abs(lower[row])));
            Assert.Equal(bounds[2 * row + 1], upper[row], 1e-5 * (1 + Math.Abs(upper[row])));
        }
    }

    [Fact]
    public void Ends_are_rounded_outwards_and_values_above_0_stay_above_it()
    {
        var features = new FeatureBuffer(new FeatureLayout([FeatureSpec.Numeric("x")]));
        features.Resize(2);
        var bounds = new float[4];
        // 16777216 ± 0.25 has no single-precision neighbours so near: the next ones are 1 below and 2 above.
        new IntervalBounds(new PredictionIntervals.Around(0.9, 9, 0.25), ModelOutput.Value).Compute(features, [16777216, 0.5f], bounds);
        Assert.Equal((float[])[16777215, 16777218, 0.25f, 0.75f], bounds);
        new IntervalBounds(new PredictionIntervals.Around(0.9, 9, 2), ModelOutput.LogOfValue).Compute(features, [3, 0.5f], bounds);
        Assert.Equal((float[])[1, 5, 0, 2.5f], bounds);
    }

    [Fact]
    public void Scoring_allocates_nothing_after_warm_up()
    {
        var (artifact, rows) = (Make("quantiles"), SmallModels.Rows(128));
        var (scorer, predictions, bounds) = (new IntervalScorer(artifact), new float[128], new float[256]);
        scorer.Score(rows, predictions, bounds);
        Assert.Equal(0, Allocations.Of(() => scorer.Score(rows, predictions, bounds)));
    }

    [Fact]
    public void Numbers_out_of_range_and_models_without_intervals_are_refused()
    {
        Assert.Contains("coverage of 1", Assert.Throws<ArgumentException>(() => new PredictionIntervals.Around(1, 9, 1)).Message);
        Assert.Contains("half-width of -1", Assert.Throws<ArgumentException>(() => new PredictionIntervals.Around(0.9, 9, -1)).Message);
        var (value, odds) = (SmallModels.Dnn().Predictor, SmallModels.Linear().Predictor);
        Assert.Contains("expected two predictors of values", Assert.Throws<ArgumentException>(() => new PredictionIntervals.Quantiles(0.9, 9, value, odds, 1)).Message);
        Assert.Contains("\"intervals\": 0.9", Assert.Throws<ArgumentException>(() => new IntervalScorer(SmallModels.Dnn())).Message);
        var features = new FeatureBuffer(value.Features);
        features.Resize(1);
        Assert.Contains("room for 1 ends", Assert.Throws<ArgumentException>(
            () => new IntervalBounds(new PredictionIntervals.Around(0.9, 9, 1), ModelOutput.Value).Compute(features, [1], new float[1])).Message);
    }
}
