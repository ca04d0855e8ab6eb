namespace Capstan.Tests;

/// <summary>Automatic features and defaults on the census income data (UCI Adult); scikit-learn's logistic regression has AUC 0.9054.</summary>
public sealed class AdultQuality
{
    [Theory]
    [InlineData(EstimatorKind.LinearClassifier, 0.921)]
    [InlineData(EstimatorKind.DnnClassifier, 0.926)]
    [InlineData(EstimatorKind.DnnLinearCombinedClassifier, 0.925)]
    public async Task Income_is_predicted_well(EstimatorKind kind, double least)
    {
        var (train, test) = (SharedData.File("adult/adult_train.csv"), SharedData.File("adult/adult_test.csv"));
        var ct = TestContext.Current.CancellationToken;
        var pipeline = new Pipeline { Label = "income", Estimator = new EstimatorDefinition { Kind = kind } };
        var model = await new PipelineTraining(pipeline, TimeProvider.System, null).RunAsync(Dataset.Read(train), ct);
        var evaluation = await model.EvaluateAsync(Dataset.Read(test), ct);
        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: {evaluation}");
        Assert.True(evaluation["auc"] >= least, evaluation.ToString());
    }
}
