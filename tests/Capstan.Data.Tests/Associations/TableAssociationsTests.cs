namespace Capstan.Data.Tests.Associations;

public sealed class TableAssociationsTests
{
    static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    static readonly Schema Columns = new(
    [
        new("x", DataType.Float64), new("n", DataType.Int64), new("city", DataType.Text), new("late", DataType.Boolean), new("at", DataType.Timestamp),
    ]);

    /// <summary>By Pearson's formula, over the rows in which both are there.</summary>
    [Fact]
    public void Numbers_correlate_over_the_rows_that_have_both()
    {
        double?[] x = [1, 2, null, 4, 5, 7];
        long?[] n = [2, 1, 9, 5, null, 6];
        var found = Observed(x.Zip(n), (row, builder) => (Append(builder, 0, row.First), Append(builder, 1, row.Second)));
        var (a, b) = (new[] { 1.0, 2, 4, 7 }, new[] { 2.0, 1, 5, 6 });
        var (meanA, meanB) = (a.Average(), b.Average());
        var expected = a.Zip(b, (u, v) => (u - meanA) * (v - meanB)).Sum() /
            Math.Sqrt(a.Sum(u => (u - meanA) * (u - meanA)) * b.Sum(v => (v - meanB) * (v - meanB)));
        Assert.Equal(
            new Association("x", "n", AssociationKind.Correlation, Math.Round(expected, 12), 4),
            found.Pairs.Single(pair => pair.Kind == AssociationKind.Correlation) is var pair ? pair with { Strength = Math.Round(pair.Strength, 12) } : null);
    }

    /// <summary>A table of 2 × 2 by hand: χ² = 100 (30 · 40 − 10 · 20)² / (40 · 60 · 50 · 50), φ² = χ² / n − 1 / (n − 1), V = √(φ² / (2 − 1 / (n − 1) − 1)).</summary>
    [Fact]
    public void Categories_are_associated_by_Cramers_V_without_what_chance_gives()
    {
        var rows = Repeat(("Rome", true), 30).Concat(Repeat(("Rome", false), 10)).Concat(Repeat(("Oslo", true), 20)).Concat(Repeat(("Oslo", false), 40));
        var found = Observed(rows, (row, builder) => (Append(builder, 2, row.Item1), Append(builder, 3, row.Item2)));
        var chiSquare = 100 * Math.Pow(30 * 40 - 10 * 20, 2) / (40.0 * 60 * 50 * 50);
        var expected = Math.Sqrt((chiSquare / 100 - 1 / 99.0) / (1 - 1 / 99.0));
        var pair = Assert.Single(found.Pairs);
        Assert.Equal(("city", "late", AssociationKind.CramersV, 100L), (pair.Left, pair.Right, pair.Kind, pair.RowCount));
        Assert.Equal(expected, pair.Strength, 12);
    }

    /// <summary>Groups 1 2 3 and 5 6 7: within 4 of a total of 28; ε² = 1 − 4/28 · (6 − 1) / (6 − 2).</summary>
    [Fact]
    public void A_category_and_a_number_are_associated_by_the_correlation_ratio()
    {
        (string, int)[] rows = [("a", 1), ("a", 2), ("a", 3), ("b", 5), ("b", 6), ("b", 7)];
        var found = Observed(rows, (row, builder) => (Append(builder, 0, (double?)row.Item2), Append(builder, 2, row.Item1)));
        var pair = Assert.Single(found.Pairs);
        Assert.Equal(("city", "x", AssociationKind.CorrelationRatio, 6L), (pair.Left, pair.Right, pair.Kind, pair.RowCount));
        Assert.Equal(Math.Sqrt(1 - 4.0 / 28 * 5 / 4), pair.Strength, 12);
    }

    [Fact]
    public void Columns_that_have_nothing_to_do_with_each_other_are_hardly_associated()
    {
        var random = new Random(4);
        var found = Observed(
            Enumerable.Range(0, 5000),
            (_, builder) => (
                Append(builder, 0, random.NextDouble()), Append(builder, 1, random.NextInt64(100)),
                Append(builder, 2, $"{random.Next(40)}"), Append(builder, 3, random.Next(2) == 0)));
        Assert.Equal(6, found.Pairs.Count);
        Assert.All(found.Pairs, pair => Assert.InRange(Math.Abs(pair.Strength), 0, 0.05));
    }

    [Fact]
    public void Nothing_is_said_of_constants_missing_columns_and_categories_of_too_many_values()
    {
        var found = Observed(
            Enumerable.Range(0, 200), (row, builder) => (Append(builder, 0, 1.5), Append(builder, 1, row % 7), Append(builder, 2, $"{row % 51}"), 0));
        Assert.Empty(found.Pairs);
        Assert.Equal(["city"], found.TooManyValues);
        Assert.Equal(["at"], found.LeftOut);
        Assert.Empty(new TableAssociations(Columns, null).Pairs);
    }

    [Fact]
    public void A_value_lifts_the_share_of_a_labels_value()
    {
        var rows = Repeat(("Rome", true), 30).Concat(Repeat(("Rome", false), 10)).Concat(Repeat(("Oslo", true), 20)).Concat(Repeat(("Oslo", false), 40)).Concat(Repeat(("Bari", true), 29));
        var found = Observed(rows, (row, builder) => (Append(builder, 2, row.Item1), Append(builder, 3, row.Item2)), "late");
        var lift = found.Lifts("late").Single(lift => lift is { Value: "Rome", LabelValue: "true" });
        Assert.Equal((40, 0.75, 79 / 129.0), (lift.RowCount, lift.Found, lift.Expected));
        Assert.Equal(0.75 / (79 / 129.0), lift.Lift, 12);
        // Bari has too few rows to say anything.
        Assert.Equal(["Oslo", "Rome"], found.Lifts("late").Select(each => each.Value).Distinct().Order());
        Assert.Equal(2, found.Lifts("city").Count(each => each is { Column: "late", LabelValue: "Bari" }));
    }

    [Fact]
    public void A_value_shifts_the_mean_of_a_label_of_numbers()
    {
        var rows = Enumerable.Range(0, 50).Select(_ => ("a", 1.0)).Concat(Enumerable.Range(0, 50).Select(_ => ("b", 3.0)));
        var found = Observed(rows, (row, builder) => (Append(builder, 0, row.Item2), Append(builder, 2, row.Item1)), "x");
        var lift = found.Lifts("x").Single(each => each.Value == "b");
        Assert.Equal((50L, null, 3.0, 2.0, 1.0), (lift.RowCount, lift.LabelValue, lift.Found, lift.Expected, lift.Lift));
        Assert.Equal(Math.Sqrt(50), lift.Score, 12);
    }

    [Fact]
    public void A_label_that_is_not_there_is_refused() =>
        Assert.Throws<UnknownColumnException>(() => new TableAssociations(Columns, "fare"));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Merging_any_split_agrees_with_one_pass(int seed)
    {
        var (rows, random) = (RandomRows(seed), new Random(seed));
        var whole = new TableAssociations(Columns, "late");
        whole.Observe(rows);
        var merged = new TableAssociations(Columns, "late");
        for (var start = 0; start < rows.RowCount;)
        {
            var part = new BatchBuilder(Columns);
            part.AppendRange(rows, start, Math.Min(random.Next(1, 200), rows.RowCount - start));
            var state = new TableAssociations(Columns, "late");
            state.Observe(part.Batch);
            merged.Absorb(state);
            start += part.Batch.RowCount;
        }

        Assert.Equal(6, whole.Pairs.Count);
        Assert.Equal(Shown(whole), Shown(merged));
    }

    /// <summary>Every part meets the cities in another order.</summary>
    static ColumnBatch RandomRows(int seed)
    {
        var (random, builder) = (new Random(seed), new BatchBuilder(Columns));
        string[] cities = ["Rome", "Oslo", "Bari", "Bonn"];
        for (var row = 0; row < 600; row++)
        {
            var city = random.Next(cities.Length);
            foreach (var (column, value) in new (int, object)[]
            {
                (0, city + random.NextDouble()), (1, random.NextInt64(9)), (2, cities[city]), (3, random.Next(5) < city), (4, 0L),
            })
            {
                if (random.Next(10) == 0)
                {
                    builder.Columns[column].AppendMissing();
                }
                else
                {
                    Append(builder, column, value);
                }
            }
        }

        return builder.Batch;
    }

    [Fact]
    public async Task The_number_of_threads_changes_nothing()
    {
        var source = Batches.Source(Batches.Random(9, 2000), 100);
        var one = await TableAssociations.OfAsync(source, "x", 1, Token);
        var four = await TableAssociations.OfAsync(source, "x", 4, Token);
        Assert.Equal(one.Pairs, four.Pairs);
        Assert.Equal(one.Lifts("x"), four.Lifts("x"));
    }

    static IEnumerable<string> Shown(TableAssociations found) => found.Pairs
        .Select(pair => FormattableString.Invariant($"{pair.Left} {pair.Right} {pair.Kind} {Math.Round(pair.Strength, 9)} {pair.RowCount}"))
        .Concat(found.Lifts("late").Select(lift => FormattableString.Invariant($"{lift.Column} {lift.Value} {lift.LabelValue} {lift.RowCount} {lift.Lift:0.000000000}")))
        .Order(StringComparer.Ordinal);

    static IEnumerable<T> Repeat<T>(T row, int count) => Enumerable.Repeat(row, count);

    /// <summary>What a row does not fill is missing.</summary>
    static TableAssociations Observed<T>(IEnumerable<T> rows, Func<T, BatchBuilder, object> fill, string? label = null)
    {
        var (builder, found) = (new BatchBuilder(Columns), new TableAssociations(Columns, label));
        var count = 0;
        foreach (var row in rows)
        {
            _ = fill(row, builder);
            count++;
            foreach (var column in builder.Columns.Where(column => column.Length < count))
            {
                column.AppendMissing();
            }
        }

        found.Observe(builder.Batch);
        return found;
    }

    static int Append(BatchBuilder builder, int column, object? value)
    {
        switch (value)
        {
            case double number:
                builder.Columns[column].Append(number);
                break;
            case long or int:
                builder.Columns[column].Append(Convert.ToInt64(value));
                break;
            case string text:
                builder.Columns[column].Append(text);
                break;
            case bool truth:
                builder.Columns[column].Append(truth);
                break;
        }

        return 0;
    }
}
