namespace Capstan.Training.Tests;

public sealed class ClassFactorsTests
{
    static TrainingBatch Batch() => ExampleRows.Random(
        ExampleRows.Layout(1, 3), 10, new Random(1), row => row < 8 ? 0 : 1, row => row == 0 ? 3 : 1);

    [Fact]
    public void Balanced_classes_have_the_same_weight_and_all_rows_together_the_weight_that_they_had()
    {
        var batch = Batch();
        var factors = ClassFactors.Balanced([batch], 3);
        Assert.Equal([12f / 30, 12f / 6, 1f], factors.Values); // 10 and 2 of 12; nobody is of the third
        factors.Apply(batch);
        Assert.Equal(4, batch.Weights[..8].ToArray().Sum(), 1e-6f);
        Assert.Equal(4, batch.Weights[8..].ToArray().Sum(), 1e-6f);
    }

    [Fact]
    public void A_weighed_store_is_that_of_the_weighed_rows_and_leaves_the_other_as_it_was()
    {
        var factors = new ClassFactors([0.5f, 3f]);
        var weighed = Batch();
        factors.Apply(weighed);
        using var expected = ExampleRows.Store(weighed);
        using var plain = ExampleRows.Store(Batch());
        using var view = plain.Weighed(factors);
        Assert.Equal(expected.Labels, view.Labels);
        var found = view.Epoch(0, 5, 4).Select(batch => batch.Weights.ToArray()).ToArray();
        Assert.Equal(expected.Epoch(0, 5, 4).Select(batch => batch.Weights.ToArray()), found);
        Assert.Equal(Batch().Weights.ToArray(), plain.Rows(10).Single().Weights.ToArray());
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_class_weight_is_above_0_and_finite(float factor) =>
        Assert.Contains("a class has the weight", Assert.Throws<ArgumentException>(() => new ClassFactors([1f, factor])).Message, StringComparison.OrdinalIgnoreCase);
}
