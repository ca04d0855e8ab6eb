using static Capstan.Data.Tests.Validation.Tables;

namespace Capstan.Data.Tests.Validation;

public sealed class DataValidationTests
{
    static Anomaly[] Anomalies(string rules, TableStatistics statistics, ValidationOptions? options = null) =>
        [.. DataSchema.Parse(rules).Validate(statistics, options ?? new ValidationOptions()).Anomalies];

    static Anomaly[] OfColumn(string rules, DataType type, params object?[] values) =>
        Anomalies($$"""{ "columns": { "x": {{rules}} } }""", Of("x", type, values));

    static readonly object?[] Thousand = Repeated(("CMT", 500), ("VTS", 469), ("XYZ", 30), ("?", 1));

    [Fact]
    public void A_sentence_says_what_was_found_what_is_allowed_and_what_to_do()
    {
        var anomaly = Assert.Single(OfColumn("""{ "domain": { "values": ["CMT", "VTS"] } }""", DataType.Text, Thousand));
        Assert.Equal(
            "column 'x': 3.1 % of values lie outside the domain, most often 'XYZ' (30 rows), '?' (1 row); the schema allows 'CMT', 'VTS'. " +
            "Add them to domain.values if they are right, mend what wrote them, or lower domain.minDomainMass.", anomaly.Message);
        Assert.Equal(("unexpected_values", Severity.Error), (anomaly.Code, anomaly.Severity));
    }

    public static TheoryData<string, DataType, object?[], string?> Cases => new()
    {
        { """{ "type": "int" }""", DataType.Int64, [1L], null },
        { """{ "type": "number" }""", DataType.Int64, [1L], null },
        { """{ "type": "int" }""", DataType.Float64, [1.5], "unexpected_type" },
        { """{ "type": "boolean" }""", DataType.Text, ["yes"], "unexpected_type" },
        { """{ "type": "int" }""", DataType.Text, [null], null },
        { """{ "presence": { "minFraction": 0.5 } }""", DataType.Int64, [1L, null], null },
        { """{ "presence": { "minFraction": 0.51 } }""", DataType.Int64, [1L, null], "low_fraction_present" },
        { """{ "presence": { "maxFraction": 0 } }""", DataType.Int64, [null], null },
        { """{ "presence": { "maxFraction": 0 } }""", DataType.Int64, [1L, null], "high_fraction_present" },
        { """{ "presence": { "minCount": 2 } }""", DataType.Int64, [1L, null], "low_count_present" },
        { """{ "domain": { "min": 0, "max": 10 } }""", DataType.Float64, [0.0, 10.0], null },
        { """{ "domain": { "min": 0 } }""", DataType.Float64, [0.0, -0.5], "too_small" },
        { """{ "domain": { "max": 10 } }""", DataType.Int64, [0L, 11L], "too_big" },
        { """{ "domain": { "max": 10, "minDomainMass": 0.5 } }""", DataType.Int64, [0L, 11L], null },
        { """{ "domain": { "values": ["a"] } }""", DataType.Text, ["a", null], null },
        { """{ "domain": { "values": ["a"], "minDomainMass": 0.5 } }""", DataType.Text, ["a", "b"], null },
        { """{ "domain": { "values": ["a"], "minDomainMass": 0.6 } }""", DataType.Text, ["a", "b"], "unexpected_values" },
        { """{ "domain": { "values": [] } }""", DataType.Text, ["a"], "unexpected_values" },
        { """{ "domain": { "earliest": "1970-01-01", "latest": "1970-01-02" } }""", DataType.Timestamp, [0L, 86_400_000_000L], null },
        { """{ "domain": { "earliest": "1970-01-01" } }""", DataType.Timestamp, [-1L], "too_early" },
        { """{ "domain": { "latest": "1970-01-01" } }""", DataType.Timestamp, [1L], "too_late" },
        { """{ "distinct": { "min": 2, "max": 2 } }""", DataType.Text, ["a", "b", "a"], null },
        { """{ "distinct": { "min": 3 } }""", DataType.Text, ["a", "b", "a"], "low_distinct" },
        { """{ "distinct": { "max": 1 } }""", DataType.Int64, [1L, 2L], "high_distinct" },
        { """{ "distinct": { "unique": true } }""", DataType.Int64, [1L, 2L, null], null },
        { """{ "distinct": { "unique": true } }""", DataType.Text, ["a", "b", "a"], "not_unique" },
    };

    [Theory, MemberData(nameof(Cases))]
    public void Each_rule_of_a_column_has_its_anomaly(string rules, DataType type, object?[] values, string? code) =>
        Assert.Equal(code is null ? [] : [code], OfColumn(rules, type, values).Select(anomaly => anomaly.Code));

    [Fact]
    public void Of_a_list_every_item_is_a_value()
    {
        var statistics = new TableStatistics(new Schema([new Field("x", DataType.TextList)]));
        var builder = new BatchBuilder(statistics.Schema);
        var tags = builder.Columns[0];
        tags.Items.Append("a");
        tags.Items.Append("b");
        tags.Items.Append("c");
        tags.AppendList();
        tags.AppendList();
        tags.AppendMissing();
        tags.Items.Append("a");
        tags.AppendList();
        statistics.Observe(builder.Batch);
        var anomaly = Assert.Single(Anomalies("""{ "columns": { "x": { "type": "list", "domain": { "values": ["a", "b"] } } } }""", statistics));
        Assert.StartsWith("25.0 % of values lie outside the domain, most often 'c' (1 row)", anomaly.Found);
        Assert.Empty(DataSchema.Infer(statistics).Validate(statistics, new() { Previous = statistics }).Anomalies);
        var empty = new TableStatistics(statistics.Schema);
        builder.Clear();
        tags.AppendList();
        empty.Observe(builder.Batch);
        Assert.Null(ColumnDistance.Between(statistics["x"], empty["x"]).LInfinity);
        Assert.Empty(DataSchema.Infer(empty).Validate(empty, new() { Previous = statistics }).Anomalies);
    }

    [Fact]
    public void Lists_have_as_many_texts_as_allowed()
    {
        var statistics = new TableStatistics(Batches.Lists.Schema);
        statistics.Observe(Batches.Lists);
        Assert.Equal([], Codes(new ItemsRule { Min = 0, Max = 2 }));
        Assert.Equal(["too_few_items"], Codes(new ItemsRule { Min = 1 }));
        Assert.Equal(["too_many_items"], Codes(new ItemsRule { Max = 1 }));
        Assert.Null(DataSchema.Infer(statistics).Columns["tags"].Items);
        var refused = Assert.Throws<DataSchemaException>(() => DataSchema.Parse("""{"columns":{"x":{"type":"int","items":{"min":2,"max":1}}}}"""));
        Assert.Contains("columns.x.items: min is greater than max", refused.Message);
        Assert.Contains("columns.x.items: items are counted of lists", refused.Message);

        string[] Codes(ItemsRule rule) =>
        [
            .. new DataSchema { Columns = new Dictionary<string, ColumnSchema> { ["n"] = new(), ["tags"] = new() { Items = rule } } }
                .Validate(statistics, new ValidationOptions()).Anomalies.Select(anomaly => anomaly.Code),
        ];
    }

    [Fact]
    public void A_column_of_the_wrong_type_is_not_measured_by_rules_about_its_values() =>
        Assert.Single(OfColumn("""{ "type": "text", "domain": { "values": ["a"] } }""", DataType.Int64, 5L));

    [Fact]
    public void Missing_and_new_columns_are_named()
    {
        const string Rules = """{ "environments": ["training", "serving"], "columns": { "a": {}, "y": { "notInEnvironments": ["serving"] }, "z": { "inEnvironments": ["serving"] } } }""";
        var data = Of(("a", DataType.Int64, [1L]), ("b", DataType.Int64, [1L]));
        Assert.Equal([("missing_column", "y"), ("missing_column", "z"), ("new_column", "b")], Anomalies(Rules, data).Select(each => (each.Code, each.Column!)));
        Assert.Equal(["z", "b"], Anomalies(Rules, data, new() { Environment = "serving" }).Select(each => each.Column!));
        Assert.Equal(["y", "b"], Anomalies(Rules, data, new() { Environment = "training" }).Select(each => each.Column!));
        Assert.Equal(["y", "z"], Anomalies(Rules.Replace("{ \"env", "{ \"allowOtherColumns\": true, \"env"), data).Select(each => each.Column!));
        Assert.Equal(Severity.Warning, Anomalies(Rules, data)[^1].Severity);
        var refusal = Assert.Throws<DataSchemaException>(() => Anomalies(Rules, data, new() { Environment = "test" }));
        Assert.Contains("'test' was asked for; the schema has 'training', 'serving'", refusal.Message);
    }

    [Theory]
    [InlineData("""{ "min": 4, "max": 4 }""", null)]
    [InlineData("""{ "min": 5 }""", "low_rows")]
    [InlineData("""{ "max": 3 }""", "high_rows")]
    [InlineData("""{ "minRatio": 2, "maxRatio": 2 }""", null)]
    [InlineData("""{ "minRatio": 2.1 }""", "low_rows_ratio")]
    [InlineData("""{ "maxRatio": 1.9 }""", "high_rows_ratio")]
    public void The_number_of_rows_is_held_against_limits_and_the_previous_data(string rules, string? code) =>
        Assert.Equal(code is null ? [] : [code], Anomalies(
            $$"""{ "rows": {{rules}}, "columns": { "x": {} } }""", Of("x", DataType.Int64, 1L, 2L, 3L, 4L),
            new() { Previous = Of("x", DataType.Int64, 1L, 2L) }).Select(anomaly => anomaly.Code));

    [Fact]
    public void Rows_that_could_not_be_read_are_anomalies()
    {
        var found = Anomalies("""{ "columns": { "x": {} } }""", Of("x", DataType.Int64, 1L), new()
        {
            Unreadable = new UnreadableRows(5, 2, "a.csv, line 3"), UnreadableValues = [new UnreadableValues("x", 7, "a.csv, line 9")],
        });
        Assert.Equal(["invalid_utf8", "unreadable_rows", "unreadable_values"], found.Select(anomaly => anomaly.Code));
        Assert.Equal("2 rows can't be read as UTF-8 (a.csv, line 3)", found[0].Found);
        Assert.Equal("3 rows can't be read", found[1].Found);
        Assert.Equal(("x", "7 values can't be read (a.csv, line 9)"), (found[2].Column!, found[2].Found));
    }

    [Theory]
    [InlineData("lInfinity", "l_infinity_high")]
    [InlineData("jensenShannon", "jensen_shannon_high")]
    [InlineData("normalizedAbsoluteDifference", "normalized_absolute_difference_high")]
    [InlineData("missing", "missing_share_moved")]
    public void Each_distance_has_its_limit_for_drift_and_for_skew(string measure, string code)
    {
        var (before, after) = (Of("x", DataType.Text, Repeated(("a", 800), ("b", 200))), Of("x", DataType.Text, Repeated(("a", 200), ("b", 800), (null, 700))));
        foreach (var (member, options) in new[]
        {
            ("drift", new ValidationOptions { Previous = before, Training = after }), ("skew", new ValidationOptions { Training = before, Previous = after }),
        })
        {
            var anomaly = Assert.Single(Anomalies($$"""{ "{{member}}": { "{{measure}}": 0.2 }, "columns": { "x": {} } }""", after, options));
            Assert.Equal(code, anomaly.Code);
            Assert.EndsWith($"raise {member}.{measure}.", anomaly.Message);
            Assert.Empty(Anomalies($$"""{ "{{member}}": { "{{measure}}": 0.2 }, "columns": { "x": { "{{member}}": {} } } }""", after, options));
            Assert.Empty(Anomalies($$"""{ "{{member}}": { "{{measure}}": 0.7 }, "columns": { "x": {} } }""", after, options));
            Assert.Empty(Anomalies($$"""{ "{{member}}": { "{{measure}}": 0.0 }, "columns": { "x": {} } }""", after, new() { Previous = after, Training = after }));
        }
    }

    [Fact]
    public void A_few_rows_are_no_drift_however_far_they_are()
    {
        const string Rules = """{ "drift": { "lInfinity": 0.1, "jensenShannon": 0.1, "missing": 0.1 }, "columns": { "x": {} } }""";
        var before = Of("x", DataType.Text, Repeated(("a", 500), ("b", 500), (null, 200)));
        Assert.Empty(Anomalies(Rules, Of("x", DataType.Text, "a", "a", "b"), new() { Previous = before }));
        Assert.NotEmpty(Anomalies(Rules, Of("x", DataType.Text, Repeated(("a", 100))), new() { Previous = before }));
    }

    [Fact]
    public void A_drift_of_numbers_tells_where_the_mean_has_gone()
    {
        var (before, after) = (Of("x", DataType.Float64, Numbers(1000, index => index % 10)), Of("x", DataType.Float64, Numbers(1000, index => index % 10 + 5)));
        var anomaly = Assert.Single(Anomalies("""{ "drift": { "jensenShannon": 0.1 }, "columns": { "x": {} } }""", after, new() { Previous = before }));
        Assert.Contains("(the mean has gone from 4.5 to 9.5, +1.74 standard deviations)", anomaly.Found);
    }

    [Fact]
    public void Time_moves_on_unless_the_column_says_that_it_must_not()
    {
        var (before, after) = (Of("x", DataType.Timestamp, Enumerable.Range(0, 500).Select(each => (object?)(long)each)), Of("x", DataType.Timestamp, Enumerable.Range(500, 500).Select(each => (object?)(long)each)));
        Assert.Empty(Anomalies("""{ "drift": { "jensenShannon": 0.1 }, "columns": { "x": {} } }""", after, new() { Previous = before }));
        Assert.Single(Anomalies("""{ "columns": { "x": { "drift": { "jensenShannon": 0.1 } } } }""", after, new() { Previous = before }));
    }

    [Fact]
    public void Codes_are_stable_and_different() => Assert.Equal(
        "missing_column new_column unexpected_type low_fraction_present high_fraction_present low_count_present unexpected_values too_small too_big " +
        "too_early too_late low_distinct high_distinct not_unique invalid_utf8 unreadable_rows low_rows high_rows low_rows_ratio high_rows_ratio " +
        "l_infinity_high jensen_shannon_high normalized_absolute_difference_high missing_share_moved unreadable_values too_few_items too_many_items",
        string.Join(' ', Enum.GetValues<AnomalyKind>().Select(Anomaly.CodeOf)));

    [Fact]
    public void A_report_is_a_line_for_each_anomaly()
    {
        var schema = DataSchema.Parse("""{ "columns": { "a": {}, "b": {} } }""");
        var report = schema.Validate(Of("b", DataType.Int64, 1L), new());
        Assert.Equal((true, true, 1), (report.HasAnomalies, report.HasErrors, report.RowCount));
        Assert.StartsWith("missing_column: column 'a': it is not there", report.ToString());
        Assert.Equal("1 rows are as the schema says", schema.Validate(Of(("a", DataType.Int64, [1L]), ("b", DataType.Int64, [1L])), new()).ToString());
    }
}
