namespace Capstan.Training.Tests.Evaluation.Oracles;

/// <summary>scikit-learn 1.2.1's figures for the same rows; <c>evaluation.py</c> beside this file prints them.</summary>
public sealed class EvaluationOracles
{
    [Theory]
    [InlineData(false, 0.6447047812686579, 0.7100333656240109, 1.0500580140810243, 0.586)]
    [InlineData(true, 0.6403926955397543, 0.7043203669556365, 1.0598972266700557, 0.5845845845845846)]
    public void Scikit_learn_agrees_on_classification(bool isWeighted, double auc, double precision, double loss, double accuracy)
    {
        var evaluation = Evaluated(new BinaryEvaluator(), Score, row => Label(row), isWeighted);
        Assert.Equal(auc, evaluation["auc"]!.Value, 1e-13);
        Assert.Equal(precision, evaluation["average_precision"]!.Value, 1e-13);
        Assert.Equal(loss, evaluation["log_loss"]!.Value, 1e-13);
        Assert.Equal(accuracy, evaluation["accuracy"]!.Value, 1e-13);
    }

    [Theory]
    [InlineData(false, 3.1012521097836436, 2.627375, 0.992607391168985)]
    [InlineData(true, 3.0891660686557643, 2.624390015015015, 0.9926497331532085)]
    public void Scikit_learn_agrees_on_regression(bool isWeighted, double rmse, double mae, double r2)
    {
        var evaluation = Evaluated(new RegressionEvaluator(), row => Target(row) + Score(row), Target, isWeighted);
        Assert.Equal(rmse, evaluation["rmse"]!.Value, 1e-12);
        Assert.Equal(mae, evaluation["mae"]!.Value, 1e-12);
        Assert.Equal(r2, evaluation["r2"]!.Value, 1e-13);
    }

    static Training.Evaluation Evaluated(IEvaluator evaluator, Func<int, float> score, Func<int, float> label, bool isWeighted)
    {
        var rows = Enumerable.Range(0, 500).ToArray();
        evaluator.Add([.. rows.Select(score)], [.. rows.Select(label)], [.. rows.Select(row => isWeighted ? 1f + row % 3 : 1f)]);
        return evaluator.Conclude();
    }

    static int Label(int row) => (row * row * 31 + row * 17) % 11 < 4 ? 1 : 0;

    static float Score(int row) => ((row * 7919 + 13) % 640 - 320 + 96 * Label(row)) / 64f;

    static float Target(int row) => row * 104729 % 997 / 8f;
}
