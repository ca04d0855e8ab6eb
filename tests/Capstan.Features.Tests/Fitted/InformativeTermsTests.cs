using Capstan.Data;
using static Capstan.Features.Tests.Rows;

namespace Capstan.Features.Tests;

public sealed class InformativeTermsTests
{
    // Values of tf.Transform's own tests (info_theory_test.py).
    [Theory]
    [InlineData(2, 10, 2, 14, 0.970854)]
    [InlineData(4, 15, 6, 25, 0.608012)]
    [InlineData(2, 10, 6, 25, -0.526069)]
    [InlineData(0, 10, 6, 25, 0)]
    public void Mutual_information_is_that_of_tf_Transform(long both, long term, long label, long all, double expected) =>
        Assert.Equal(expected, MutualInformation.Partial(both, term, label, all), 1e-6);

    [Theory]
    [InlineData(10, 10, 10, 0)]
    [InlineData(10, 0, 0, 0)]
    [InlineData(10, 5, 5, 0.215411)]
    [InlineData(10, 2, 4, 0.524209)]
    public void What_chance_gives_is_that_of_tf_Transform(long all, long term, long label, double expected) =>
        Assert.Equal(expected, MutualInformation.Expected(all, term, label), 1e-6);

    [Theory]
    [InlineData(100_000, 2_000, 30_000)]
    [InlineData(10_000, 2_000, 2_500)]
    [InlineData(1_000_000, 2_000, 500_000)]
    public void The_expansion_for_large_counts_goes_on_where_the_sum_ends(long all, long term, long label)
    {
        var (summed, expanded) = (MutualInformation.Expected(all, term, label), MutualInformation.Expected(all, term + 1, label));
        Assert.Equal(summed, expanded, 2e-3 * summed);
    }

    [Fact]
    public async Task Terms_that_tell_most_about_the_label_come_first_and_the_most_frequent_ones_may_not_be_among_them()
    {
        var rows = new List<(string? Word, bool? Label)>();
        Add("common", 50, 50);
        Add("good", 20, 1);
        Add("bad", 2, 30);
        Add("rare", 1, 0);
        Add(null, 5, 5);
        rows.Add(("good", null));
        var batch = Of(Texts("w", [.. rows.Select(row => row.Word)]), Truths("y", [.. rows.Select(row => (object?)row.Label)]));
        Assert.Equal(["bad", "good"], await Terms("vocabulary(w, max_size: 2, label: y)", batch));
        // "common" has exactly the label's share among the others, so that it tells least of all.
        Assert.Equal(["bad", "good", "rare", "common"], await Terms("vocabulary(w, label: y)", batch));
        Assert.Equal(["bad", "good", "common"], await Terms("vocabulary(w, min_count: 2, label: y)", batch));
        Assert.Equal("common", (await Terms("vocabulary(w, max_size: 1)", batch))[0]);

        void Add(string? word, int positives, int negatives)
        {
            rows.AddRange(Enumerable.Repeat((word, (bool?)true), positives));
            rows.AddRange(Enumerable.Repeat((word, (bool?)false), negatives));
        }
    }

    [Fact]
    public void A_label_is_a_truth() => Assert.Contains(
        "'x' is a number, expected a truth",
        Assert.Throws<ExpressionException>(
            () => ExprTyping.KindOf(ExprParser.Parse("vocabulary(w, label: x)"), Of(Texts("w"), Numbers("x")).Schema)).Message);

    static async Task<string[]> Terms(string expression, ColumnBatch rows) =>
        [.. ((FixedTerms)((VocabularyExpr)(await Fit(expression, rows)).Features[0].Expr).Terms).Values];
}
