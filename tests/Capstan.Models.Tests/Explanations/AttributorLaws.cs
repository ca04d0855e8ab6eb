using Capstan.Features;

namespace Capstan.Models.Tests.Explanations;

/// <summary>What attributions of every family keep, by the model's own method and by sampled Shapley values.</summary>
public sealed class AttributorLaws
{
    public static TheoryData<string, bool> Attributors =>
        [.. ExplainedModels.All.SelectMany(row => new[] { (row.Data, false), (row.Data, true) })];

    static IAttributor Make(string family, bool shapley)
    {
        var (predictor, reference) = (ExplainedModels.Make(family), ExplainedModels.Reference());
        return shapley ? new SampledShapley(predictor, reference) : predictor.CreateAttributor(reference);
    }

    [Theory]
    [MemberData(nameof(Attributors))]
    public void Attributions_and_the_base_score_add_up_to_the_score(string family, bool shapley)
    {
        var (attributor, rows) = (Make(family, shapley), ExplainedModels.Rows(200, seed: 3));
        var (scores, attributions) = (ExplainedModels.Scores(ExplainedModels.Make(family), rows), ExplainedModels.Attribute(attributor, rows));
        for (var index = 0; index < scores.Length; index++)
        {
            var sum = attributor.BaseScores[index % attributor.BaseScores.Length] + attributions.AsSpan(index * 5, 5).ToArray().Sum();
            // The score is in single precision, the attributions of structure in double.
            Assert.InRange(sum, scores[index] - 1e-5 * (1 + Math.Abs(scores[index])), scores[index] + 1e-5 * (1 + Math.Abs(scores[index])));
        }
    }

    [Theory]
    [MemberData(nameof(Attributors))]
    public void A_row_has_the_same_attributions_whatever_rows_are_explained_with_it(string family, bool shapley)
    {
        var (attributor, rows) = (Make(family, shapley), ExplainedModels.Rows(40, seed: 3));
        var together = ExplainedModels.Attribute(attributor, rows);
        var length = together.Length / rows.RowCount;
        for (var row = 0; row < rows.RowCount; row++)
        {
            var alone = new FeatureBuffer(ExplainedModels.Layout);
            alone.Resize(1);
            for (var index = 0; index < 3; index++)
            {
                alone.Numeric(index)[0] = rows.Numeric(index)[row];
            }

            (alone.Category(0)[0], alone.Category(1)[0]) = (rows.Category(0)[row], rows.Category(1)[row]);
            Assert.Equal(together[(row * length)..((row + 1) * length)], ExplainedModels.Attribute(attributor, alone));
        }
    }

    [Theory]
    [MemberData(nameof(Attributors))]
    public void Explaining_allocates_nothing_after_warm_up(string family, bool shapley)
    {
        var (attributor, rows) = (Make(family, shapley), ExplainedModels.Rows(8, seed: 3));
        var attributions = ExplainedModels.Attribute(attributor, rows);
        Assert.Equal(0, Allocations.Of(() => attributor.Attribute(rows, attributions)));
    }

    [Theory]
    [MemberData(nameof(Attributors))]
    public void No_rows_have_no_attributions(string family, bool shapley) =>
        Assert.Empty(ExplainedModels.Attribute(Make(family, shapley), ExplainedModels.Rows(0, seed: 3)));

    [Theory]
    [MemberData(nameof(Attributors))]
    public void Other_features_and_lengths_are_refused(string family, bool shapley)
    {
        var attributor = Make(family, shapley);
        var strange = new FeatureBuffer(new FeatureLayout([FeatureSpec.Numeric("a")]));
        strange.Resize(1);
        Assert.Contains("laid out otherwise", Assert.Throws<ArgumentException>(() => attributor.Attribute(strange, new double[1])).Message);
        Assert.Contains("2 rows need", Assert.Throws<ArgumentException>(
            () => attributor.Attribute(ExplainedModels.Rows(2, seed: 3), new double[7])).Message);
        Assert.Contains("other features", Assert.Throws<ArgumentException>(
            () => ExplainedModels.Make(family).CreateAttributor(ReferenceRows.Of(strange))).Message);
    }
}
