using Capstan.Training;

namespace Capstan.Tests.Pipelines;

/// <summary>Prediction intervals from pipelines and estimators: what is asked for, and what is promised.</summary>
public sealed class IntervalTests
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    public sealed record Point(double X, string Kind, double Y);

    /// <summary>A line with noise that grows with x, heavy-tailed, and skewed: nothing that a normal distribution would fit.</summary>
    static Point[] Make(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var x = 4 * random.NextDouble();
            return new Point(x, "ab"[random.Next(2)].ToString(), 3 * x + x * (1 / Math.Sqrt(random.NextDouble()) - 1));
        })];
    }

    static async Task<IntervalEvaluation> MeasureAsync(TrainedModel model, Point[] rows) =>
        (await model.EvaluateAsync(Dataset.From(rows), new EvaluationOptions { Bootstrap = new BootstrapOptions { Replicates = 0 } }, Ct)).Intervals!;

    [Theory]
    [InlineData(0.9, IntervalMethod.Errors)]
    [InlineData(0.6, IntervalMethod.Errors)]
    [InlineData(0.9, IntervalMethod.Quantiles)]
    public async Task Over_draws_of_the_rows_the_label_is_inside_as_often_as_promised(double coverage, IntervalMethod method)
    {
        const int Draws = 24;
        var found = new double[Draws];
        for (var draw = 0; draw < Draws; draw++)
        {
            var estimator = new LinearRegressor("Y")
            {
                Epochs = 3, Intervals = new IntervalDefinition(coverage, method), Validation = new ValidationDefinition { Share = 0.4 }, Seed = (ulong)draw + 1,
            };
            var model = await estimator.FitAsync(Dataset.From(Make(400, draw)), cancellationToken: Ct);
            found[draw] = (await MeasureAsync(model, Make(1500, 1000 + draw))).Coverage!.Value;
        }

        // Some 80 rows make the intervals: each draw's coverage has a standard deviation of √(c (1 − c) / 80), their mean a √24th of it; four of those.
        var margin = 4 * Math.Sqrt(coverage * (1 - coverage) / 80 / Draws);
        Assert.InRange(found.Average(), coverage - margin, coverage + 1 / 60.0 + margin);
    }

    [Fact]
    public async Task Quantiles_are_wide_where_labels_are_spread_and_narrower_over_all()
    {
        var rows = Make(3000, 1);
        async Task<TrainedModel> TrainAsync(IntervalMethod method) => await new BoostedTreesRegressor("Y")
        {
            Trees = 60, Intervals = new IntervalDefinition(0.8, method), Validation = new ValidationDefinition { Share = 0.3 },
        }.FitAsync(Dataset.From(rows), cancellationToken: Ct);
        var (even, adapted) = (await TrainAsync(IntervalMethod.Errors), await TrainAsync(IntervalMethod.Quantiles));
        var test = Make(3000, 2);
        Assert.True((await MeasureAsync(adapted, test)).MeanWidth < (await MeasureAsync(even, test)).MeanWidth);
        var found = await adapted.PredictIntervalsAsync(new[] { new Point(0.5, "a", 0), new Point(3.5, "a", 0) }, Ct);
        Assert.True(found[0].Upper - found[0].Lower < (found[1].Upper - found[1].Lower) / 2);
    }

    [Fact]
    public async Task The_same_rows_and_seed_give_the_same_ends_with_any_number_of_threads()
    {
        Task<TrainedModel> TrainAsync(int threads) => new DnnRegressor("Y")
        {
            Epochs = 2, Intervals = new IntervalDefinition(0.9, IntervalMethod.Quantiles), Threads = threads, Validation = new ValidationDefinition { Share = 0.3 },
        }.FitAsync(Dataset.From(Make(500, 1)), cancellationToken: Ct);
        Assert.Equal((await TrainAsync(1)).Hash, (await TrainAsync(3)).Hash);
    }

    [Fact]
    public void Pipelines_say_it_in_two_ways()
    {
        const string Head = """{"label": "y", "estimator": {"kind": "LinearRegressor"}, "intervals": """;
        Assert.Equal(new IntervalDefinition(0.9), Pipeline.Parse(Head + "0.9}").Intervals);
        var both = Pipeline.Parse(Head + """{"coverage": 0.8, "method": "quantiles"}}""");
        Assert.Equal(new IntervalDefinition(0.8, IntervalMethod.Quantiles), both.Intervals);
        Assert.Equal(both.Intervals, Pipeline.Parse(both.ToJson()).Intervals);
        Assert.Equal(0.9, Pipeline.Parse(Pipeline.Parse(Head + "0.9}").ToJson()).Intervals!.Coverage);
        foreach (var wrong in new[] { "\"wide\"", "{\"method\": \"quantiles\"}", "{\"coverage\": 0.9, \"method\": \"luck\"}", "{\"coverage\": 0.9, \"width\": 1}" })
        {
            Assert.Contains("expected a coverage such as 0.9", Assert.Throws<PipelineException>(() => Pipeline.Parse(Head + wrong + "}")).Message);
        }
    }

    [Fact]
    public async Task What_can_have_none_is_told_why()
    {
        static string Refusal(Pipeline pipeline) => Assert.Throws<PipelineException>(pipeline.Validate).Message;
        var regression = new Pipeline { Label = "Y", Estimator = new EstimatorDefinition { Kind = EstimatorKind.LinearRegressor }, Intervals = 0.9 };
        Assert.Contains("found a coverage of 1", Refusal(regression with { Intervals = 1.0 }));
        Assert.Contains("predicts probabilities", Refusal(regression with { Estimator = new EstimatorDefinition() }));
        Assert.Contains("no rows are held out", Refusal(regression with { Validation = new ValidationDefinition { Share = 0 } }));
        Assert.Contains("no rows are held out", Refusal(regression with { Estimator = regression.Estimator with { Stream = true } }));
        Assert.Contains("take no offset", Refusal(regression with { Offset = "X", Intervals = new IntervalDefinition(0.9, IntervalMethod.Quantiles) }));
        var few = await Assert.ThrowsAsync<PipelineException>(() => new LinearRegressor("Y") { Intervals = 0.99 }.FitAsync(Dataset.From(Make(300, 1)), cancellationToken: Ct));
        Assert.Contains("a coverage of 0.99 takes 99", few.Message);
        var without = await new LinearRegressor("Y") { Epochs = 1 }.FitAsync(Dataset.From(Make(100, 1)), cancellationToken: Ct);
        Assert.Contains("has no intervals", (await Assert.ThrowsAsync<InvalidOperationException>(() => without.PredictIntervalsAsync(Make(1, 1), Ct))).Message);
    }
}
