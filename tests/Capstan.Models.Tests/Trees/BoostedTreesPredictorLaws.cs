using Capstan.Features;

namespace Capstan.Models.Tests.Trees;

public sealed class BoostedTreesPredictorLaws
{
    static readonly FeatureLayout Layout = new(
    [
        FeatureSpec.Numeric("a"), FeatureSpec.Category("c", 100), FeatureSpec.Numeric("b"), FeatureSpec.Category("d", 3),
    ]);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 5)]
    public void Every_row_scores_the_bits_of_the_documented_sums_in_any_batch(int seed, int width)
    {
        var random = new Random(seed);
        var output = width == 1 ? ModelOutput.Value : ModelOutput.Classes(width);
        var predictor = new BoostedTreesPredictor(output, RandomTrees.Of(Layout, 29, 20, random));
        foreach (var count in new[] { 0, 1, 63, 64, 65, 300 })
        {
            var rows = RandomTrees.Rows(Layout, count, random);
            var scores = new float[count * width];
            predictor.Predict(rows, scores, predictor.CreateWorkspace());
            for (var row = 0; row < count; row++)
            {
                var sums = new double[width];
                AddUpByTheBook(predictor.Trees, rows, row, sums);
                Assert.Equal(sums.Select(sum => (float)sum), scores[(row * width)..((row + 1) * width)]);
            }
        }
    }

    [Fact]
    public void Predicting_allocates_nothing()
    {
        var random = new Random(4);
        var predictor = new BoostedTreesPredictor(ModelOutput.LogOdds, RandomTrees.Of(Layout, 30, 20, random));
        var rows = RandomTrees.Rows(Layout, 1000, random);
        var scores = new float[1000];
        var workspace = predictor.CreateWorkspace();
        predictor.Predict(rows, scores, workspace);
        Assert.Equal(0, Allocations.Of(() => predictor.Predict(rows, scores, workspace)));
    }

    /// <summary>By its definition: over all sets of features, how much knowing one more moves the expected sum.</summary>
    [Theory]
    [InlineData(6, 1)]
    [InlineData(7, 3)]
    public void Attributions_are_the_shapley_values_of_the_expected_sums(int seed, int width)
    {
        var random = new Random(seed);
        var output = width == 1 ? ModelOutput.Value : ModelOutput.Classes(width);
        var predictor = new BoostedTreesPredictor(output, RandomTrees.Of(Layout, 11, 12, random));
        var rows = RandomTrees.Rows(Layout, 20, random);
        var attributor = predictor.CreateAttributor(ReferenceRows.Of(rows));
        var attributions = new double[20 * width * 4];
        attributor.Attribute(rows, attributions);
        for (var index = 0; index < attributions.Length; index++)
        {
            var (row, score, feature) = (index / (4 * width), index / 4 % width, index % 4);
            Assert.Equal(ExpectedTrees.Shapley(predictor, rows, row, score, feature, features: 4), attributions[index], 1e-12);
            Assert.Equal(ExpectedTrees.Sum(predictor, rows, row, score, known: 0), attributor.BaseScores[score], 1e-12);
        }

        Assert.Equal(0, Allocations.Of(() => attributor.Attribute(rows, attributions)));
    }

    [Fact]
    public void An_offset_is_added_to_the_score_and_attributed_to_itself()
    {
        var random = new Random(8);
        var (trees, rows) = (RandomTrees.Of(Layout, 11, 12, random), RandomTrees.Rows(Layout, 70, random));
        var (without, with) = (new BoostedTreesPredictor(ModelOutput.Value, trees), new BoostedTreesPredictor(ModelOutput.Value, trees, 1));
        var (plain, moved) = (new float[70], new float[70]);
        without.Predict(rows, plain, without.CreateWorkspace());
        with.Predict(rows, moved, with.CreateWorkspace());
        Assert.All(Enumerable.Range(0, 70), row => Assert.Equal(plain[row] + rows.Numeric(1)[row], moved[row], 1e-5f));
        var (attributor, attributions) = (with.CreateAttributor(ReferenceRows.Of(rows)), new double[70 * 4]);
        attributor.Attribute(rows, attributions);
        Assert.All(Enumerable.Range(0, 70), row => Assert.Equal(
            moved[row], attributor.BaseScores[0] + attributions.AsSpan(row * 4, 4).ToArray().Sum(), 1e-5));
        Assert.Throws<ArgumentException>(() => new BoostedTreesPredictor(ModelOutput.Value, trees, 2)); // a category
        Assert.Throws<ArgumentException>(() => new BoostedTreesPredictor(ModelOutput.Classes(2), trees, 0));
    }

    [Fact]
    public void Missing_values_go_where_each_split_sends_them_in_sums_attributions_and_stored_models()
    {
        var random = new Random(10);
        var (plain, rows) = (RandomTrees.Of(Layout, 11, 12, random), RandomTrees.Rows(Layout, 90, random));
        var trees = new TreeEnsemble(
            Layout, plain.SplitCounts, [.. plain.Nodes.Select((node, index) => node.Feature == 0 && index % 2 == 0 ? node.WithMissingRight() : node)],
            plain.Gains, plain.CategorySets, plain.LeafValues, plain.LeafCovers, [-3, float.NaN]);
        for (var row = 0; row < 90; row += 2)
        {
            rows.Numeric(0)[row] = -3;
        }

        var predictor = new BoostedTreesPredictor(ModelOutput.Value, trees);
        var (scores, sums) = (new float[90], new double[1]);
        predictor.Predict(rows, scores, predictor.CreateWorkspace());
        for (var row = 0; row < 90; row++)
        {
            sums[0] = 0;
            AddUpByTheBook(trees, rows, row, sums);
            Assert.Equal((float)sums[0], scores[row]);
        }

        var (before, attributions) = (new float[90], new double[90 * 4]);
        var without = new BoostedTreesPredictor(ModelOutput.Value, plain);
        without.Predict(rows, before, without.CreateWorkspace());
        Assert.NotEqual(before, scores);
        predictor.CreateAttributor(ReferenceRows.Of(rows)).Attribute(rows, attributions);
        Assert.All(Enumerable.Range(0, attributions.Length), index => Assert.Equal(
            ExpectedTrees.Shapley(predictor, rows, index / 4, 0, index % 4, features: 4), attributions[index], 1e-12));
        var writer = new System.Formats.Cbor.CborWriter(System.Formats.Cbor.CborConformanceMode.Canonical);
        PredictorCodec.Write(writer, predictor);
        var read = (BoostedTreesPredictor)PredictorCodec.Read(new System.Formats.Cbor.CborReader(writer.Encode()), Layout);
        Assert.Equal(trees.Nodes, read.Trees.Nodes);
        Assert.Equal(trees.MissingValues, read.Trees.MissingValues);
        Assert.Null(read.OffsetIndex);
        // A split can't send right what nothing stands for.
        Assert.Throws<ArgumentException>(() => new TreeEnsemble(
            Layout, plain.SplitCounts, trees.Nodes, plain.Gains, plain.CategorySets, plain.LeafValues, plain.LeafCovers, [float.NaN, -3]));
    }

    [Fact]
    public void Trees_behind_others_add_up_to_the_bits_of_both_and_the_first_of_them_are_those_before()
    {
        var random = new Random(9);
        var (before, after, rows) = (RandomTrees.Of(Layout, 9, 12, random), RandomTrees.Of(Layout, 7, 12, random), RandomTrees.Rows(Layout, 70, random));
        var (both, first) = (before.Followed(after), before.Followed(after).First(before.TreeCount));
        Assert.Equal(before.Nodes, first.Nodes);
        Assert.Equal(before.LeafValues, first.LeafValues);
        var predictor = new BoostedTreesPredictor(ModelOutput.Value, both);
        var (sums, expected) = (new float[70], new double[1]);
        predictor.Predict(rows, sums, predictor.CreateWorkspace());
        for (var row = 0; row < 70; row++)
        {
            expected[0] = 0;
            AddUpByTheBook(before, rows, row, expected);
            AddUpByTheBook(after, rows, row, expected);
            Assert.Equal((float)expected[0], sums[row]);
        }

        Assert.Throws<ArgumentException>(() => before.Followed(TreeEnsemble.Constant(new FeatureLayout([FeatureSpec.Numeric("a")]), 1)));
    }

    [Fact]
    public void Wrong_lengths_layouts_and_workspaces_are_refused()
    {
        var random = new Random(5);
        var predictor = new BoostedTreesPredictor(ModelOutput.Value, RandomTrees.Of(Layout, 3, 5, random));
        var rows = RandomTrees.Rows(Layout, 10, random);
        Assert.Throws<ArgumentException>(() => predictor.Predict(rows, new float[9], predictor.CreateWorkspace()));
        Assert.Throws<ArgumentException>(() => predictor.Predict(rows, new float[10], PredictorWorkspace.None));
        Assert.Throws<ArgumentException>(() => new BoostedTreesPredictor(ModelOutput.Classes(3), predictor.Trees));
        var others = RandomTrees.Rows(new FeatureLayout([FeatureSpec.Numeric("a")]), 10, random);
        Assert.Throws<ArgumentException>(() => predictor.Predict(others, new float[10], predictor.CreateWorkspace()));
    }

    /// <summary>Down each tree by the words of the docstrings, a row at a time.</summary>
    static void AddUpByTheBook(TreeEnsemble trees, FeatureBuffer rows, int row, double[] sums)
    {
        var first = 0;
        for (var tree = 0; tree < trees.TreeCount; tree++)
        {
            var at = trees.SplitCounts[tree] > 0 ? first : ~(first + tree);
            while (at >= 0)
            {
                var node = trees.Nodes[at];
                var numerics = Layout.Numerics.Length;
                var left = node.Asked < numerics
                    ? rows.Numeric(node.Asked)[row] <= node.Threshold
                        && !(node.SendsMissingRight && rows.Numeric(node.Asked)[row] == trees.MissingValues[node.Asked])
                    : trees.CategorySets.Categories(node.Operand).Contains(rows.Category(node.Feature - numerics)[row]);
                at = left ? node.Left : node.Right;
            }

            sums[tree % sums.Length] += trees.LeafValues[~at];
            first += trees.SplitCounts[tree];
        }
    }
}
