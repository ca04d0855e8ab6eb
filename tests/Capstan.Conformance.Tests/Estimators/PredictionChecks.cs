using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Conformance.Tests;

/// <summary>What its models answer, to which rows.</summary>
public sealed class PredictionChecks : EstimatorChecks
{
    [Theory]
    [MemberData(nameof(Names))]
    public async Task Intervals_of_a_number_hold_it_as_often_as_promised_and_classes_have_none(string name)
    {
        var each = CaseOf(name);
        foreach (var method in Enum.GetValues<IntervalMethod>())
        {
            var pipeline = each.Pipeline with { Intervals = new IntervalDefinition(0.8, method), Validation = new ValidationDefinition { Share = 0.4 } };
            if (each.Label != "Fare")
            {
                Assert.Contains("intervals", (await Assert.ThrowsAsync<PipelineException>(() => TrainAsync(pipeline, Learned))).Message);
                continue;
            }

            var found = new List<double>();
            foreach (var seed in Enumerable.Range(10, 5))
            {
                var model = await TrainAsync(pipeline, EstimatorRows.Make(600, seed));
                var rows = EstimatorRows.Make(600, seed: seed + 100);
                var intervals = (await model.EvaluateAsync(Dataset.From(rows), new EvaluationOptions { Bootstrap = new BootstrapOptions { Replicates = 0 } }, Token)).Intervals;
                found.Add(intervals!.Coverage!.Value);
            }

            // By some 120 rows and on 600: a draw's coverage has a standard deviation of 0.04, the mean of five 0.018; four of those.
            Assert.InRange(found.Average(), 0.8 - 0.072, 0.8 + 0.01 + 0.072);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Missing_values_in_every_input_and_unseen_categories_are_predicted(string name)
    {
        var (model, row) = (await ModelAsync(name), Held.First(each => each is { Distance: not null, Vendor: not null, Night: not null }));
        EstimatorRow[] rows =
        [
            row with { Distance = null }, row with { Riders = null }, row with { Vendor = null }, row with { Night = null }, row with { Pickup = null },
            row with { Distance = null, Riders = null, Vendor = null, Night = null, Pickup = null }, row with { Vendor = "never seen" },
            row with { Vendor = "" }, row with { Distance = 1e30, Riders = int.MaxValue, Pickup = new DateTime(1900, 1, 1) },
        ];
        Assert.All(await model.PredictAsync(rows, Token), prediction => Assert.True(float.IsFinite(prediction)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Rows_in_any_cut_are_predicted_with_the_same_bits_and_without_allocating(string name)
    {
        var model = await ModelAsync(name);
        var (scorer, rows, width) = (ScorerOf(model), await BatchAsync(model, Held), model.Artifact.Predictor.Output.Width);
        var whole = new float[rows.RowCount * width];
        scorer.Score(rows, whole);
        Assert.Equal(whole, await model.PredictAsync(Held, Token));
        foreach (var size in new[] { 1, 7, 128, 129 })
        {
            var part = new BatchBuilder(rows.Schema);
            for (var first = 0; first < rows.RowCount; first += size)
            {
                part.Clear();
                part.AppendRange(rows, first, Math.Min(size, rows.RowCount - first));
                var found = new float[part.Batch.RowCount * width];
                scorer.Score(part.Batch, found);
                Assert.Equal(whole[(first * width)..(first * width + found.Length)], found);
            }
        }

        Assert.Equal(0, Allocations.Of(() => scorer.Score(rows, whole)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task No_rows_have_no_predictions(string name)
    {
        var model = await ModelAsync(name);
        Assert.Empty(await model.PredictAsync(Array.Empty<EstimatorRow>(), Token));
        ScorerOf(model).Score(new BatchBuilder(model.Artifact.Transform.Input).Batch, []);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Attributions_add_up_to_the_score_and_a_column_it_does_not_read_has_none(string name)
    {
        var model = await ModelAsync(name);
        foreach (var (method, rows) in new[] { (AttributionMethod.Own, Held[..60]), (AttributionMethod.SampledShapley, Held[..4]) })
        {
            await foreach (var batch in model.ExplainAsync(Dataset.From(rows), [], method, Token))
            {
                Assert.Equal(model.Artifact.Transform.Input.Names, batch.Explainer.Columns);
                var (width, columns) = (batch.Explainer.Output.Width, batch.Explainer.Columns.Length);
                for (var index = 0; index < batch.Scores.Length; index++)
                {
                    var sum = batch.Explainer.BaseScores[index % width] + batch.Attributions.Slice(index * columns, columns).ToArray().Sum();
                    Assert.Equal(batch.Scores.Span[index], sum, 1e-4 * (1 + Math.Abs(sum)));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Features_of_another_layout_and_scores_of_another_length_are_refused(string name)
    {
        var predictor = (await ModelAsync(name)).Artifact.Predictor;
        var (own, other) = (new FeatureBuffer(predictor.Features), new FeatureBuffer(new FeatureLayout([FeatureSpec.Numeric("other")])));
        own.Resize(2);
        other.Resize(2);
        var workspace = predictor.CreateWorkspace();
        Assert.Contains("features", Assert.Throws<ArgumentException>(() => predictor.Predict(other, new float[2 * predictor.Output.Width], workspace)).Message);
        Assert.Contains("2 rows", Assert.Throws<ArgumentException>(() => predictor.Predict(own, new float[2 * predictor.Output.Width + 1], workspace)).Message);
    }
}
