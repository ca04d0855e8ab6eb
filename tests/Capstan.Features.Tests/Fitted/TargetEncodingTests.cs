using Capstan.Data;
using static Capstan.Features.Tests.Rows;

namespace Capstan.Features.Tests;

public sealed class TargetEncodingTests
{
    [Fact]
    public async Task Rows_that_were_not_trained_on_get_the_smoothed_mean_of_their_key()
    {
        var rows = Of(Numbers("y", 1, 0, 1, 5, null, 3), Texts("k", "a", "a", "a", "b", "b", null));
        // The mean of all five labels is 2.
        var transform = await Fit("target_encode(k, y, smoothing: 2, min_rows: 1)", rows);
        Assert.Equal([(2 + 2 * 2) / 5f, (5 + 2 * 2) / 3f, 2f, 2f], Apply(transform, Of(Texts("k", "a", "b", "new", null))));
        Assert.Equal(["k"], transform.Input.Names);
        Assert.Equal(
            [2f, 2f], Apply(await Fit("target_encode(k, y, smoothing: 2, min_rows: 4)", rows), Of(Texts("k", "a", "b"))));
        Assert.Equal([2 / 3f], Apply(await Fit("target_encode(k, y, smoothing: 0, min_rows: 1)", rows), Of(Texts("k", "a"))));
    }

    [Fact]
    public async Task A_training_row_gets_the_mean_of_the_other_folds()
    {
        var random = new Random(1);
        (string Key, double Label)[] rows = [.. Enumerable.Range(0, 300).Select(_ => ($"k{random.Next(12)}", (double)random.Next(5)))];
        var source = SourceOf(rows);
        var transform = await FitOn("target_encode(k, y, smoothing: 3, min_rows: 1)", source);
        var folds = await FoldsOf(transform.TrainingRows(source));
        Assert.Equal(Enumerable.Range(0, FoldSums.Folds).Select(fold => (long)fold), folds.Distinct().Order());
        var mean = rows.Average(row => row.Label);
        var expected = rows.Select((row, index) =>
        {
            var others = rows.Where((other, place) => other.Key == row.Key && folds[place] != folds[index]).ToArray();
            return (float)((others.Sum(other => other.Label) + 3 * mean) / (others.Length + 3));
        });
        Assert.Equal(expected, await TrainingFeatures(transform, source), (left, right) => Math.Abs(left - right) < 1e-5);
    }

    [Fact]
    public async Task A_key_of_every_row_s_own_tells_a_training_row_nothing()
    {
        var random = new Random(2);
        (string Key, double Label)[] rows = [.. Enumerable.Range(0, 200).Select(row => ($"id{row}", (double)random.Next(2)))];
        var source = SourceOf(rows);
        var transform = await FitOn("target_encode(k, y, smoothing: 0, min_rows: 1)", source);
        Assert.Single((await TrainingFeatures(transform, source)).Distinct());
        // The frozen form, on the very rows that it was fitted on, would give every label away.
        var leaky = Apply(transform, Of(Texts("k", [.. rows.Select(row => row.Key)])));
        Assert.Equal(rows.Select(row => (float)row.Label), leaky.Select(value => (float)value));
    }

    [Fact]
    public async Task Folds_stay_the_same_whatever_is_read_and_in_however_many_batches()
    {
        var source = SourceOf([.. Enumerable.Range(0, 100).Select(row => ($"k{row % 3}", (double)row))]);
        var transform = await FitOn("target_encode(k, y)", source);
        var alone = await FoldsOf(transform.TrainingRows(source));
        var with = new List<long>();
        await foreach (var batch in transform.TrainingRows(source).ReadAllAsync(["y", FoldedSource.Fold.Name, "k"], TestContext.Current.CancellationToken))
        {
            with.AddRange(batch[FoldedSource.Fold.Name].Int64s.ToArray());
            Assert.Equal(["y", FoldedSource.Fold.Name, "k"], batch.Schema.Names);
        }

        Assert.Equal(alone, with);
    }

    [Fact]
    public async Task Statistics_of_an_encoding_are_the_same_constants_in_both_forms()
    {
        var random = new Random(3);
        var source = SourceOf([.. Enumerable.Range(0, 200).Select(_ => ($"k{random.Next(5)}", (double)random.Next(5)))]);
        var transform = await FitOn("target_encode(k, y, min_rows: 1) - mean(target_encode(k, y, min_rows: 1))", source);
        var (frozen, outOfFold) = ((BinaryExpr)transform.Features[0].Expr, (BinaryExpr)transform.OutOfFold.Features[0].Expr);
        Assert.Equal(frozen.Right, outOfFold.Right);
        Assert.NotEqual(frozen.Left, outOfFold.Left);
        Assert.Equal(transform.Output.Numerics.AsEnumerable(), transform.OutOfFold.Output.Numerics);
    }

    [Fact]
    public async Task Without_an_encoding_training_rows_are_transformed_as_all_others()
    {
        var source = SourceOf([("a", 1), ("b", 2)]);
        var transform = await FitOn("mean_by(y, k)", source);
        Assert.Same(transform, transform.OutOfFold);
        Assert.Same(source, transform.TrainingRows(source));
        var read = StoredState.FromBytes<FrozenTransform>((await FitOn("target_encode(k, y)", source)).ToBytes());
        Assert.Same(read, read.OutOfFold);
    }

    [Theory]
    [InlineData("target_encode(k, k)", "'k' is a text, expected a number")]
    [InlineData("target_encode(y, bucketize(y, 2))", "'bucketize(y, 2)' is a category, expected a number")]
    public void Ill_typed_operands_are_refused(string expression, string problem) => Assert.Contains(
        problem,
        Assert.Throws<ExpressionException>(() => ExprTyping.KindOf(ExprParser.Parse(expression), SourceOf([]).Schema)).Message);

    static MemorySource SourceOf((string Key, double Label)[] rows)
    {
        // Two splits, so that folds depend on both the split and the place.
        var cut = rows.Length / 3;
        ColumnBatch[] parts = [.. new[] { rows[..cut], rows[cut..] }.Select(part => Of(
            Numbers("y", [.. part.Select(row => (object?)row.Label)]), Texts("k", [.. part.Select(row => row.Key)])))];
        return new MemorySource(parts[0].Schema, parts);
    }

    static Task<FrozenTransform> FitOn(string expression, IBatchSource source) => Fit(expression, source, null);

    static async Task<List<long>> FoldsOf(IBatchSource source)
    {
        var folds = new List<long>();
        await foreach (var batch in source.ReadAllAsync([FoldedSource.Fold.Name, "k"], TestContext.Current.CancellationToken))
        {
            folds.AddRange(batch[FoldedSource.Fold.Name].Int64s.ToArray());
        }

        return folds;
    }

    static async Task<List<float>> TrainingFeatures(FrozenTransform transform, IBatchSource source)
    {
        var features = new List<float>();
        var rows = transform.TrainingRows(source);
        await foreach (var batch in rows.ReadAllAsync([.. transform.OutOfFold.Input.Names], TestContext.Current.CancellationToken))
        {
            features.AddRange(Apply(transform.OutOfFold, batch).Select(value => (float)value));
        }

        return features;
    }
}
