using Capstan.Training;

namespace Capstan.Conformance.Tests;

/// <summary>What the weights of rows do.</summary>
public sealed class WeightChecks : EstimatorChecks
{
    [Theory]
    [MemberData(nameof(Names))]
    public async Task Rows_of_weight_0_teach_nothing(string name)
    {
        var each = CaseOf(name);
        var pipeline = each.Pipeline with { Weight = "Weight", Validation = new ValidationDefinition { Share = 0 } };
        EstimatorRow[] mixed = [.. Learned.SelectMany(row => (EstimatorRow[])[row, EstimatorRows.Opposite(row)])];
        var error = await EvaluateAsync(await TrainAsync(pipeline, mixed));
        var baseline = await EvaluateAsync(await ModelAsync(EstimatorCase.All.First(other => other.Label == each.Label).Name));
        Assert.True(error < (each.Promises.Learns ? 0.8 : 1.02) * baseline, $"The error is {error}, the baseline's {baseline}.");
        if (!each.Promises.WeightZeroIsAbsence)
        {
            return;
        }

        // In a stream rows keep their order, and features without statistics know nothing of other rows.
        pipeline = pipeline with
        {
            Features = new Dictionary<string, string>
            {
                ["distance"] = "impute((Distance - 10) / 5, 0)", ["vendor"] = "vocabulary(Vendor, ['A', 'B', 'C', 'D'])",
            },
            Estimator = pipeline.Estimator with { Stream = true, Epochs = 1 },
        };
        var (with, without) = (await TrainAsync(pipeline, mixed), await TrainAsync(pipeline, Learned));
        Assert.Equal(await with.PredictAsync(Held, Token), await without.PredictAsync(Held, Token));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Heavier_rows_count_for_more(string name)
    {
        var each = CaseOf(name);
        var pipeline = each.Pipeline with { Weight = "Weight", Validation = new ValidationDefinition { Share = 0 } };
        // The likeliest class, the positive one and the higher number: all have the last place or the only one, or "middle".
        bool IsFavoured(EstimatorRow row) => each.Label switch { "Fare" => row.Fare > 25, "Late" => row.Late == true, _ => row.Level == "middle" };
        EstimatorRow[] weighted = [.. Learned.Select(row => row with { Weight = IsFavoured(row) ? 2 : 1 })];
        EstimatorRow[] repeated = [.. Learned.SelectMany(row => Enumerable.Repeat(row, IsFavoured(row) ? 2 : 1))];
        var usual = await TrainAsync(pipeline, Learned);
        var heavy = await (await TrainAsync(pipeline, weighted)).PredictAsync(Held, Token);
        double Favour(float[] predictions) => predictions.Where((_, index) => each.Label != "Level" || index % 3 == 2).Average(value => (double)value);
        Assert.True(Favour(heavy) > Favour(await usual.PredictAsync(Held, Token)), "Weights changed nothing for the better.");
        if (each.Promises.WeightTwoIsTwice)
        {
            var twice = await (await TrainAsync(pipeline, repeated)).PredictAsync(Held, Token);
            Assert.All(heavy.Zip(twice), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * (1 + Math.Abs(pair.First))));
        }
    }
}
