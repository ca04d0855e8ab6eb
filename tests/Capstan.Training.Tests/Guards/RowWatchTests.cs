using Capstan.Features;

namespace Capstan.Training.Tests.Guards;

public sealed class RowWatchTests
{
    static readonly FeatureLayout Layout = new(
    [
        FeatureSpec.Numeric("signal"), FeatureSpec.Numeric("copy"), FeatureSpec.Numeric("flat"),
        FeatureSpec.Category("key", 100_000), FeatureSpec.Category("code", 50), FeatureSpec.Category("same", 3),
    ]);

    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    public void A_feature_made_from_the_label_is_named_and_no_other(int rowsPerBatch)
    {
        var leaks = Warnings(new Loss.Logistic(), 3000, Math.Min(rowsPerBatch, 3000), (_, random) => random.Next(2))
            .Where(warning => warning.Kind == TrainingWarningKind.Leak).ToArray();
        Assert.Equal(2, leaks.Length);
        Assert.Contains("feature 'code' alone predicts the label with an AUC of 1", leaks[0].Text);
        Assert.Contains("feature 'copy' alone predicts the label with an AUC of 1", leaks[1].Text);
    }

    [Fact]
    public void Numbers_and_several_classes_leak_too()
    {
        var numbers = Warnings(new Loss.Squared(), 3000, 500, (_, random) => random.Next(40));
        Assert.Equal(
            ["feature 'code' alone predicts the label with an R² of 1", "feature 'copy' alone predicts the label with an R² of 0.9992"],
            numbers.Where(warning => warning.Kind == TrainingWarningKind.Leak).Select(warning => warning.Text.Split(':')[0]));
        var classes = Warnings(new Loss.Softmax(4), 3000, 500, (_, random) => random.Next(4));
        Assert.Equal(
            ["feature 'code' alone predicts the label with an accuracy of 1", "feature 'copy' alone predicts the label with an accuracy of 0.9933"],
            classes.Where(warning => warning.Kind == TrainingWarningKind.Leak).Select(warning => warning.Text.Split(':')[0]));
    }

    [Fact]
    public void Where_nearly_all_rows_are_of_one_class_being_right_is_no_leak() => Assert.DoesNotContain(
        Warnings(new Loss.Softmax(3), 3000, 500, (row, _) => row % 500 == 0 ? 1 : 0, leaky: false), warning => warning.Kind == TrainingWarningKind.Leak);

    [Fact]
    public void Constant_features_and_rare_classes_are_named()
    {
        var warnings = Warnings(new Loss.Logistic(), 1000, 100, (row, _) => row == 17 ? 1 : 0, leaky: false);
        Assert.Equal(
            "features 'flat', 'same' have one value in all training rows, and can't help; leave them out",
            Assert.Single(warnings, warning => warning.Kind == TrainingWarningKind.ConstantFeatures).Text);
        Assert.StartsWith("class 'late' has 1 of 1,000 training rows", Assert.Single(warnings, warning => warning.Kind == TrainingWarningKind.RareClass).Text);
    }

    [Fact]
    public void Many_rows_are_watched_by_a_sample()
    {
        var watch = new RowWatch(Layout, new Loss.Squared());
        for (var pass = 0; pass < 20; pass++)
        {
            watch.Observe(Batch(4000, new Random(pass), (_, random) => random.Next(40), leaky: true));
        }

        Assert.Equal(2, watch.Warnings(null).Count(warning => warning.Kind == TrainingWarningKind.Leak));
    }

    [Fact]
    public void Few_rows_are_not_judged_by_what_they_happen_to_show() => Assert.DoesNotContain(
        Warnings(new Loss.Logistic(), 50, 10, (_, random) => random.Next(2)), warning => warning.Kind == TrainingWarningKind.Leak);

    static TrainingWarning[] Warnings(Loss loss, int rows, int rowsPerBatch, Func<int, Random, int> label, bool leaky = true)
    {
        var watch = new RowWatch(Layout, loss);
        var all = Batch(rows, new Random(1), label, leaky);
        for (var start = 0; start < rows; start += rowsPerBatch)
        {
            watch.Observe(ExampleRows.Slice(all, start, Math.Min(rowsPerBatch, rows - start)));
        }

        return [.. watch.Warnings(loss is Loss.Logistic ? ["early", "late"] : null)];
    }

    /// <summary>"signal" says a good deal about the label, "key" is another in every row, and "copy" and "code" are made from it.</summary>
    static TrainingBatch Batch(int rows, Random random, Func<int, Random, int> label, bool leaky)
    {
        var batch = new TrainingBatch(Layout);
        batch.Resize(rows);
        for (var row = 0; row < rows; row++)
        {
            var value = label(row, random);
            batch.Labels[row] = value;
            batch.Weights[row] = 1;
            batch.Features.Numeric(0)[row] = (float)(value + 5 * ExampleRows.Normal(random));
            batch.Features.Numeric(1)[row] = leaky ? -2f * value + 1e-4f * random.Next(100) : random.Next(100);
            batch.Features.Numeric(2)[row] = 7;
            batch.Features.Category(0)[row] = row;
            batch.Features.Category(1)[row] = leaky ? 49 - value : random.Next(50);
            batch.Features.Category(2)[row] = 2;
        }

        return batch;
    }
}
