using Capstan.Data;
using Capstan.Models;

namespace Capstan.Tests;

public sealed class LabelResolutionTests
{
    static readonly Schema Schema = new([new("flag", DataType.Boolean), new("word", DataType.Text), new("n", DataType.Int64), new("x", DataType.Float64), new("t", DataType.Timestamp), new("none", DataType.Text)]);

    static TableStatistics Statistics(params (bool? Flag, string? Word, long? N, double X)[] rows)
    {
        var builder = new BatchBuilder(Schema);
        foreach (var (flag, word, n, x) in rows)
        {
            Append(builder.Columns[0], flag, (column, value) => column.Append(value!.Value));
            Append(builder.Columns[1], word, (column, value) => column.Append(value!));
            Append(builder.Columns[2], n, (column, value) => column.Append(value!.Value));
            builder.Columns[3].Append(x);
            builder.Columns[4].Append(5L);
            builder.Columns[5].AppendMissing();
        }

        var statistics = new TableStatistics(Schema);
        statistics.Observe(builder.Batch);
        return statistics;

        static void Append<T>(ColumnBuilder column, T? value, Action<ColumnBuilder, T?> append)
        {
            if (value is null)
            {
                column.AppendMissing();
            }
            else
            {
                append(column, value);
            }
        }
    }

    static readonly TableStatistics TwoClasses = Statistics((true, "yes", 1, 0.5), (false, "no", 0, 1.5), (null, null, null, double.NaN), (true, "no", 1, 2.5));

    [Theory]
    [InlineData("flag", "flag", "false", "true", DataType.Boolean)]
    [InlineData("word", "word == 'yes'", "no", "yes", DataType.Text)]
    [InlineData("n", "n == 1", "0", "1", DataType.Float64)]
    [InlineData("x > 1", "x > 1", "false", "true", DataType.Boolean)]
    [InlineData("word == 'maybe'", "word == 'maybe'", "false", "true", DataType.Boolean)]
    public void A_classifier_learns_a_condition(string text, string expression, string negative, string positive, DataType type)
    {
        var label = LabelResolution.Resolve(text, true, Schema, TwoClasses);
        Assert.Equal(expression, label.Expression.ToString());
        Assert.Equal(new ClassNames(negative, positive, type), label.Classes);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("n * 2 + x")]
    [InlineData("flag")]
    public void A_regressor_learns_a_number(string text)
    {
        var label = LabelResolution.Resolve(text, false, Schema, TwoClasses);
        Assert.Equal((text, null), (label.Expression.ToString(), label.Classes));
    }

    [Theory]
    [InlineData("gone", true, "There is no column 'gone'")]
    [InlineData("none", true, "all 4 rows lack it")]
    [InlineData("x", true, "write a condition, such as x > 1.5, or use a regressor")]
    [InlineData("x + 1", true, "Write a condition, such as x + 1 > 0")]
    [InlineData("t", true, "it is a time")]
    [InlineData("word", false, "it is a text; a regressor predicts numbers")]
    [InlineData("t", false, "it is a time")]
    [InlineData("hash(word, 3)", false, "it is a category")]
    public void What_cannot_be_learned_is_refused_with_a_way_out(string text, bool classify, string message)
    {
        var refusal = Assert.Throws<LabelException>(() => LabelResolution.Resolve(text, classify, Schema, TwoClasses));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(text, refusal.Label);
    }

    [Fact]
    public void Three_texts_are_three_classes_and_other_texts_are_none()
    {
        var label = LabelResolution.Resolve("word", true, Schema, Statistics((true, "c", 1, 1), (true, "a", 2, 1), (true, "b", 3, 1)));
        Assert.Equal(new ClassNames(["a", "b", "c"], DataType.Text), label.Classes);
        Assert.Equal("pick(vocabulary(word, ['a', 'b', 'c']), [0, 1, 2, -1, -1])", label.Expression.ToString());
    }

    [Fact]
    public void Whole_numbers_close_together_are_classes_even_those_that_no_row_has()
    {
        var label = LabelResolution.Resolve("n", true, Schema, Statistics((true, "a", 3, 1), (true, "b", 5, 1), (true, "b", 6, 1)));
        Assert.Equal(new ClassNames(["3", "4", "5", "6"], DataType.Int64), label.Classes);
        Assert.Equal("n - 3", label.Expression.ToString());
        Assert.Contains("from 0 to 1000, which are no classes", Refusal("n", Statistics((true, "a", 0, 1), (true, "b", 7, 1), (true, "c", 1000, 1))));
    }

    [Fact]
    public void Too_many_texts_are_no_classes()
    {
        var statistics = Statistics([.. Enumerable.Range(0, 1001).Select(row => ((bool?)true, (string?)$"w{row}", (long?)row, 1.0))]);
        Assert.Contains("it has more than 1,000 values", Refusal("word", statistics), StringComparison.Ordinal);
        Assert.Contains("write a condition, such as word == 'w", Refusal("word", statistics), StringComparison.Ordinal);
    }

    [Fact]
    public void A_third_value_is_found_even_if_the_sketch_has_dropped_it()
    {
        var dropped = 0;
        for (var at = 5_000; at < 5_010; at++)
        {
            var statistics = Statistics([.. Enumerable.Range(0, 40_000).Select(row => ((bool?)true, (string?)"a", (long?)(row == at ? 1 : row % 2 * 2), 1.0))]);
            var quantiles = statistics["n"].Quantiles!; // a number's
            dropped += quantiles.ShareAtOrBelow(1.5) == quantiles.ShareAtOrBelow(0) ? 1 : 0;
            Assert.Equal(3, LabelResolution.Resolve("n", true, Schema, statistics).Classes?.Count);
        }

        Assert.True(dropped > 0, "The sketch kept the value every time, so this shows nothing.");
    }

    [Fact]
    public void One_class_is_named()
    {
        var statistics = Statistics((true, "a", 1, 1), (true, "a", 1, 1));
        Assert.Contains("all rows have the same value 'a'", Refusal("word", statistics), StringComparison.Ordinal);
        Assert.Contains("all rows have the same value 1", Refusal("n", statistics), StringComparison.Ordinal);
    }

    static string Refusal(string text, TableStatistics statistics) =>
        Assert.Throws<LabelException>(() => LabelResolution.Resolve(text, true, Schema, statistics)).Message;
}
