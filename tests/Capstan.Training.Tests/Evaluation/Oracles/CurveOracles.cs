namespace Capstan.Training.Tests.Evaluation.Oracles;

/// <summary>scikit-learn 1.2.1's figures for the same rows; <c>curves.py</c> beside this file prints them.</summary>
public sealed class CurveOracles
{
    [Theory]
    [InlineData(false, 0.5, 178, 112, 95, 115, 0.6137931034482759, 0.652014652014652, 0.6323268206039077, 0.16001128739129805)]
    [InlineData(false, 0.9, 117, 62, 156, 165, 0.6536312849162011, 0.42857142857142855, 0.5176991150442477, 0.16143149787584518)]
    [InlineData(true, 0.5, 354, 225, 190, 230, 0.6113989637305699, 0.6507352941176471, 0.6304541406945681, 0.15761774027016678)]
    [InlineData(true, 0.9, 228, 123, 316, 332, 0.6495726495726496, 0.41911764705882354, 0.5094972067039106, 0.15521436952011775)]
    public void Scikit_learn_agrees_at_a_threshold(
        bool isWeighted, double threshold, double tp, double fp, double fn, double tn, double precision, double recall, double f1,
        double mcc)
    {
        var point = CurveOf(isWeighted, 1000).At(threshold)!.Value;
        Assert.Equal(new OperatingPoint(threshold, tp, fp, fn, tn), point);
        Assert.Equal(precision, point.Precision!.Value, 1e-13);
        Assert.Equal(recall, point.Recall!.Value, 1e-13);
        Assert.Equal(f1, point.F1!.Value, 1e-13);
        Assert.Equal(mcc, point.MatthewsCorrelation, 1e-13);
    }

    [Theory]
    [InlineData(false, 0.7408412483039348)]
    [InlineData(true, 0.7396329027872196)]
    public void Scikit_learn_agrees_on_the_best_F1(bool isWeighted, double f1)
    {
        var curve = CurveOf(isWeighted, 50);
        var best = curve.BestF1!.Value;
        Assert.Equal(f1, best.F1!.Value, 1e-13);

        // All rows from the log-odds −3.46875 on, and none below.
        Assert.InRange(best.Threshold, 1 / (1 + Math.Exp(3.46875 + 5 / 64.0)), 1 / (1 + Math.Exp(3.46875)));
        Assert.Equal(best, curve.At(best.Threshold));
    }

    [Theory]
    [InlineData(false, 0.6447047812686579, 0.2600732600732601, 0.4545787545787546, 0.8531135531135531)]
    [InlineData(true, 0.6403926955397543, 0.25643382352941174, 0.4476102941176471, 0.8483455882352942)]
    public void Scikit_learn_agrees_on_the_ROC_curve_whole_and_thinned(bool isWeighted, double area, params double[] recalls)
    {
        Assert.Equal(area, Area(CurveOf(isWeighted, 1_000_000)), 1e-13);
        var thinned = CurveOf(isWeighted, 100);
        Assert.InRange(thinned.Points.Length, 50, 100);
        Assert.Equal(area, Area(thinned), 0.002);
        Assert.Equal(recalls[0], RecallAt(thinned, 0.1), 0.02);
        Assert.Equal(recalls[1], RecallAt(thinned, 0.3), 0.02);
        Assert.Equal(recalls[2], RecallAt(thinned, 0.7), 0.02);
    }

    [Theory]
    [InlineData(false, 0.11657494885942964, 0.9931100635706445, 2.484375)]
    [InlineData(true, 0.11515074276286025, 0.9931321019478498, 2.4375)]
    public void Scikit_learn_agrees_on_residuals(bool isWeighted, double percentage, double explained, double median)
    {
        var residuals = Residuals.Of(
            [.. Rows.Select(row => Target(row) + Score(row))], [.. Rows.Select(Target)], [.. Rows.Select(row => Weight(row, isWeighted))]);
        Assert.Equal(percentage, residuals.MeanAbsolutePercentage!.Value, 1e-13);
        Assert.Equal(explained, residuals.ExplainedVariance!.Value, 1e-13);

        Assert.Equal(median, residuals.AbsoluteErrors!.Value.P50, 1e-13);
    }

    static IEnumerable<int> Rows => Enumerable.Range(0, 500);

    static OperatingCurve CurveOf(bool isWeighted, int most) => OperatingCurve.Of(
        [.. Rows.Select(Score)], [.. Rows.Select(row => (float)Label(row))], [.. Rows.Select(row => Weight(row, isWeighted))], most);

    static double Area(OperatingCurve curve) => curve.Points.Zip(curve.Points.Skip(1), (left, right) =>
        (right.FalsePositiveRate!.Value - left.FalsePositiveRate!.Value) * (right.Recall!.Value + left.Recall!.Value) / 2).Sum();

    static double RecallAt(OperatingCurve curve, double rate)
    {
        var right = curve.Points.First(point => point.FalsePositiveRate >= rate);
        var left = curve.Points.Last(point => point.FalsePositiveRate <= rate);
        var span = right.FalsePositiveRate!.Value - left.FalsePositiveRate!.Value;
        return left.Recall!.Value + (span == 0 ? 0 : (right.Recall!.Value - left.Recall.Value) * (rate - left.FalsePositiveRate.Value) / span);
    }

    static int Label(int row) => (row * row * 31 + row * 17) % 11 < 4 ? 1 : 0;

    static float Score(int row) => ((row * 7919 + 13) % 640 - 320 + 96 * Label(row)) / 64f;

    static float Target(int row) => 1 + row * 104729 % 997 / 8f;

    static float Weight(int row, bool isWeighted) => isWeighted ? 1f + row % 3 : 1f;
}
