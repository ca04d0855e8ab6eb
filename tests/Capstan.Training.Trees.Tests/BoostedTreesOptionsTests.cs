namespace Capstan.Training.Trees.Tests;

public sealed class BoostedTreesOptionsTests
{
    [Fact]
    public void Defaults_are_in_range() => BoostedTreesOptions.Default.Validate();

    [Fact]
    public void All_that_is_out_of_range_is_named_together()
    {
        var options = new BoostedTreesOptions
        {
            Trees = 0, Leaves = 1, MaxDepth = 0, LearningRate = double.NaN,
            MinExamplesInLeaf = 0, L1 = -1, L2 = double.PositiveInfinity, MinGain = -1, BaggingShare = 0, FeatureShare = 1.1, MaxBins = 1,
            BinningRows = 0, CategorySmoothing = -1, CategoryL2 = -1, MaxCategoriesPerSplit = 0, Patience = 0, Threads = 0,
        };
        var problem = Assert.Throws<ArgumentException>(options.Validate).Message;
        string[] names =
        [
            "Trees", "Leaves", "MaxDepth", "LearningRate", "MinExamplesInLeaf", "L1", "L2",
            "MinGain", "BaggingShare", "FeatureShare", "MaxBins", "BinningRows", "CategorySmoothing", "CategoryL2",
            "MaxCategoriesPerSplit", "Patience", "Threads",
        ];
        Assert.All(names, name => Assert.Contains($"{name} is ", problem));
    }
}
