using System.Text.RegularExpressions;
using System.Xml.Linq;
using Capstan.Data;
using Capstan.Features;
using Capstan.Training;

namespace Capstan.Tests;

public sealed partial class EvaluationReportTests
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    static readonly Trip[] Test = Trips.Make(1500, seed: 2);

    // Fitting takes longest: every test looks at the same models.
    static readonly Lazy<Task<TrainedModel>> Linear = new(() => Fit("Late", EstimatorKind.LinearClassifier, 1));
    static readonly Lazy<Task<TrainedModel>> Network = new(() => Fit("Late", EstimatorKind.DnnClassifier, 4));
    static readonly Lazy<Task<TrainedModel>> Fares = new(() => Fit("Fare", EstimatorKind.LinearRegressor, 2));
    static readonly Lazy<Task<TrainedModel>> Vendors = new(() => Fit("Vendor", EstimatorKind.LinearClassifier, 1));

    static Task<TrainedModel> Fit(string label, EstimatorKind kind, int epochs) => new PipelineTraining(
        new Pipeline
        {
            Label = label, Name = $"{label} by {kind}", Exclude = ["Key"], Estimator = new EstimatorDefinition { Kind = kind, Epochs = epochs },
        }, TimeProvider.System, null).RunAsync(Dataset.From(Trips.Make(2000)), Ct);

    [Fact]
    public async Task A_report_has_the_metrics_of_the_plain_evaluation_with_intervals_around_them()
    {
        var model = await Linear.Value;
        var report = await model.EvaluateAsync(Dataset.From(Test), new EvaluationOptions(), Ct);
        var plain = await model.EvaluateAsync(Dataset.From(Test), Ct);
        Assert.Equal(plain.Metrics.Select(metric => metric.Value), report.Overall.Metrics.Select(metric => metric.Value));
        Assert.Equal(Test.Length, report.RowsKept);
        var auc = report.Overall.Metrics[0];
        Assert.InRange(auc.Value!.Value, auc.Interval!.Value.Low, auc.Interval.Value.High);
        Assert.Equal(200, report.Replicates);
        var half = report.Thresholds[0];
        Assert.Equal(plain["accuracy"]!.Value, half.Accuracy!.Value, 1e-12);
        Assert.True(report.Thresholds[^1].F1 >= half.F1);
        Assert.NotEmpty(report.Epochs);
    }

    [Fact]
    public async Task Of_several_classes_each_is_looked_at_against_the_rest()
    {
        var model = await Vendors.Value;
        var report = await model.EvaluateAsync(Dataset.From(Test), new EvaluationOptions { Bootstrap = new BootstrapOptions { Replicates = 0 } }, Ct);
        Assert.Equal(["A", "B", "C", "D"], report.Classes.Select(each => each.Name));
        Assert.Equal(1, report.Classes.Sum(each => each.Evaluation["positive_share"]!.Value), 1e-9);
        // By hand: the share of pairs of a row of the class and another where the first has the higher probability.
        var probabilities = await model.PredictAsync(Test, Ct);
        var second = Enumerable.Range(0, Test.Length).Select(row => (Probability: probabilities[4 * row + 1], Is: Test[row].Vendor == "B")).ToArray();
        var pairs = second.Where(row => row.Is).SelectMany(row => second.Where(other => !other.Is).Select(other =>
            row.Probability > other.Probability ? 1 : row.Probability == other.Probability ? 0.5 : 0)).Average();
        Assert.Equal(pairs, report.Classes[1].Evaluation["auc"]!.Value, 1e-3);
        Assert.Contains("ROC: B against the rest", report.ToHtml());
        Assert.Equal(2, (await model.EvaluateAsync(Dataset.From(Test), new EvaluationOptions { MostClasses = 2, Bootstrap = new BootstrapOptions { Replicates = 0 } }, Ct)).Classes.Length);
        Assert.Empty((await (await Linear.Value).EvaluateAsync(Dataset.From(Test), new EvaluationOptions { Bootstrap = new BootstrapOptions { Replicates = 0 } }, Ct)).Classes);
    }

    [Fact]
    public async Task Any_number_of_threads_gives_the_same_report()
    {
        var model = await Linear.Value;
        var options = new EvaluationOptions { Slices = ["Vendor"], Bootstrap = new BootstrapOptions { Replicates = 40 } };
        var one = await model.EvaluateAsync(Dataset.From(Test), options with { Threads = 1 }, Ct);
        var many = await model.EvaluateAsync(Dataset.From(Test), options with { Threads = 5 }, Ct);
        Assert.Equal(one.ToHtml(), many.ToHtml());
    }

    [Fact]
    public async Task Slices_have_the_metrics_of_their_rows_alone()
    {
        var model = await Linear.Value;
        var options = new EvaluationOptions { Slices = ["Vendor", "Distance", "Night", "hour(Pickup) < 12"], SmallSlice = 360 };
        var report = await model.EvaluateAsync(Dataset.From(Test), options, Ct);
        Assert.All(report.Slicings, slicing => Assert.Equal(Test.Length, slicing.Slices.Sum(slice => slice.Evaluation.RowCount)));
        var vendors = report.Slicings[0].Slices;
        Assert.Equal(["A", "B", "C", "D"], vendors.Select(slice => slice.Name).Order());
        Assert.Equal(vendors.Select(slice => slice.Evaluation.RowCount).OrderDescending(), vendors.Select(slice => slice.Evaluation.RowCount));
        Assert.All(vendors, slice => Assert.Equal(slice.Evaluation.RowCount < 360, slice.IsSmall));
        var alone = await model.EvaluateAsync(Dataset.From(Test.Where(trip => trip.Vendor == "B").ToArray()), Ct);
        Assert.Equal(alone["auc"], vendors.Single(slice => slice.Name == "B").Evaluation["auc"]);

        Assert.Equal(5, report.Slicings[1].Slices.Length);
        Assert.All(report.Slicings[1].Slices, slice => Assert.InRange(slice.Evaluation.RowCount, 299, 301));
        Assert.Equal(["(missing)", "false", "true"], report.Slicings[2].Slices.Select(slice => slice.Name).Order(StringComparer.Ordinal));
        Assert.Equal(2, report.Slicings[3].Slices.Length);
    }

    [Fact]
    public async Task Of_many_texts_those_of_most_rows_are_slices_and_the_others_one_more()
    {
        var report = await (await Linear.Value).EvaluateAsync(
            Dataset.From(Test), new EvaluationOptions { Slices = ["Key", "Riders"], MostSlices = 5, Bootstrap = new() { Replicates = 0 } }, Ct);
        Assert.Equal(6, report.Slicings[0].Slices.Length);
        Assert.Equal("(1,495 others)", report.Slicings[0].Slices[^1].Name);
        Assert.Equal(["1", "2", "3", "4", "5"], report.Slicings[1].Slices.Select(slice => slice.Name));
        Assert.All(report.Overall.Metrics, metric => Assert.Null(metric.Interval));
    }

    [Fact]
    public async Task Models_are_compared_on_the_same_rows()
    {
        var (linear, network) = (await Linear.Value, await Network.Value);
        var report = await linear.EvaluateAsync(Dataset.From(Test), new EvaluationOptions { Against = [network, linear] }, Ct);
        var plain = await network.EvaluateAsync(Dataset.From(Test), Ct);
        Assert.Equal(plain["auc"], report.Against[0].Evaluation["auc"]);
        Assert.Equal(report.Overall["auc"] - plain["auc"], report.Against[0].Differences[0].Value);
        Assert.All(report.Against[1].Differences, difference => Assert.Equal((0.0, 1.0), (difference.Value, difference.PValue)));
        var refusal = await Assert.ThrowsAsync<IncomparableModelsException>(async () =>
            await linear.EvaluateAsync(Dataset.From(Test), new EvaluationOptions { Against = [await Fares.Value] }, Ct));
        Assert.Contains("predicts Fare (Regression), expected Late (BinaryClassification)", refusal.Message);
    }

    [Fact]
    public async Task A_regression_has_residuals_and_many_classes_have_metrics_and_slices()
    {
        var fares = await (await Fares.Value).EvaluateAsync(Dataset.From(Test), new EvaluationOptions { Slices = ["Vendor"] }, Ct);
        Assert.Null(fares.Curve);
        Assert.Empty(fares.Thresholds);
        Assert.True(fares.Residuals!.AbsoluteErrors!.Value.P50 < fares.Residuals.AbsoluteErrors.Value.P90);
        Assert.Equal(fares.Overall.RowCount, (long)fares.Residuals.ByPrediction.Sum(bin => bin.Weight));
        var vendors = await (await Vendors.Value).EvaluateAsync(Dataset.From(Test), new EvaluationOptions { Slices = ["Night"] }, Ct);
        Assert.Null(vendors.Curve);
        Assert.NotNull(vendors.Overall.Metrics[0].Interval);
        Assert.Equal(vendors.Overall["accuracy"], (await (await Vendors.Value).EvaluateAsync(Dataset.From(Test), Ct))["accuracy"]);
        Assert.Equal(3, vendors.Slicings[0].Slices.Length);
    }

    [Fact]
    public async Task A_page_loads_and_runs_nothing_and_is_well_formed()
    {
        var (linear, network) = (await Linear.Value, await Network.Value);
        var options = new EvaluationOptions { Slices = ["Vendor", "Distance"], Against = [network] };
        var page = (await linear.EvaluateAsync(Dataset.From(Test), options, Ct)).ToHtml();
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain("http", page.Replace("http-equiv", ""));
        Assert.DoesNotContain("url(", page);
        AssertWellFormed(page);
        Assert.All(["ROC", "Precision and recall", "Calibration", "Gain", "Lift", "By Vendor", "By Distance", "best F1"], what => Assert.Contains(what, page));
        Assert.DoesNotContain("NaN", page);
        var fares = (await (await Fares.Value).EvaluateAsync(Dataset.From(Test), new EvaluationOptions(), Ct)).ToHtml();
        AssertWellFormed(fares);
        Assert.All(["Errors by prediction", "Distribution of errors", "Training"], what => Assert.Contains(what, fares));
    }

    [Fact]
    public async Task Data_can_do_nothing_on_a_page()
    {
        const string Attack = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>";
        var trips = Test.Select(trip => trip with { Vendor = Attack }).ToArray();
        var model = new TrainedModel(Attack, (await Linear.Value).Artifact);
        var page = (await model.EvaluateAsync(Dataset.From(trips), new EvaluationOptions { Slices = ["Vendor"], Against = [model] }, Ct)).ToHtml();
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain("<img", page);
        AssertWellFormed(page);
    }

    [Fact]
    public async Task A_slice_of_no_column_or_of_times_is_refused()
    {
        var model = await Linear.Value;
        await Assert.ThrowsAsync<UnknownColumnException>(() => model.EvaluateAsync(Dataset.From(Test), new EvaluationOptions { Slices = ["no"] }, Ct));
        await Assert.ThrowsAsync<ExpressionException>(() => model.EvaluateAsync(Dataset.From(Test), new EvaluationOptions { Slices = ["Pickup"] }, Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => model.EvaluateAsync(Dataset.From(Test), new EvaluationOptions { Thresholds = [2] }, Ct));
    }

    /// <summary>As XML: every element closed, every attribute quoted.</summary>
    static void AssertWellFormed(string page) => XDocument.Parse(VoidElement().Replace(page.Replace("<!doctype html>", ""), "<$1$2/>"));

    [GeneratedRegex("<(meta)([^>]*[^/])>")]
    private static partial Regex VoidElement();
}
