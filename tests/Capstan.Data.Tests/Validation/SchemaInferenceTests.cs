using static Capstan.Data.Tests.Validation.Tables;

namespace Capstan.Data.Tests.Validation;

public sealed class SchemaInferenceTests
{
    static ColumnSchema Infer(DataType type, params IEnumerable<object?> values) => DataSchema.Infer(Of("x", type, values)).Columns["x"];

    [Fact]
    public void A_column_without_gaps_stays_so_and_elsewhere_twice_as_much_may_be_missing()
    {
        Assert.Equal((1.0, 1L), (Infer(DataType.Boolean, true, false).Presence!.MinFraction!.Value, Infer(DataType.Boolean, true).Presence!.MinCount!.Value));
        Assert.Equal(0.8, Infer(DataType.Boolean, Repeated((true, 9), (null, 1))).Presence!.MinFraction);
        Assert.Equal(0, Infer(DataType.Boolean, Repeated((true, 1), (null, 9))).Presence!.MinFraction);
    }

    [Fact]
    public void An_empty_column_stays_empty_and_has_no_type()
    {
        var column = Infer(DataType.Text, null, null);
        Assert.Equal((null, 0.0, null), (column.Type, column.Presence!.MaxFraction, column.Domain));
        Assert.Equal(new ColumnSchema(), Infer(DataType.Text));
    }

    [Fact]
    public void Few_texts_are_a_domain_and_many_are_not()
    {
        Assert.Equal(["b", "a"], Infer(DataType.Text, Repeated(("a", 20), ("b", 30))).Domain!.Values!);
        Assert.Null(Infer(DataType.Text, "a", "b").Domain);
        Assert.Null(Infer(DataType.Text, Enumerable.Range(0, 2000).Select(index => $"{index % 150}")).Domain);
    }

    [Fact]
    public void Numbers_keep_their_sign_and_their_order_of_magnitude()
    {
        Assert.Equal(new DomainRule { Min = 0, Max = 26 }, Infer(DataType.Float64, 1.2, 13.4).Domain);
        Assert.Equal(new DomainRule { Min = -14, Max = 0 }, Infer(DataType.Float64, -1.5, -7.3).Domain);
        Assert.Equal(new DomainRule { Min = -3, Max = 3 }, Infer(DataType.Float64, -1.0, 1.0).Domain);
        Assert.Equal(new DomainRule { Min = 0 }, Infer(DataType.Float64, 2.0, 2.0).Domain);
        Assert.Equal(new DomainRule { Min = 1, Max = 4 }, Infer(DataType.Int64, Repeated((1L, 60), (4L, 5))).Domain);
        Assert.Equal(new DomainRule { Min = 0, Max = 20 }, Infer(DataType.Int64, 0L, 10L).Domain);
    }

    [Fact]
    public void Timestamps_begin_with_their_year_and_have_no_end() =>
        Assert.Equal(new DomainRule { Earliest = "1969-01-01" }, Infer(DataType.Timestamp, -5L, 100L).Domain);

    [Fact]
    public void Keys_are_unique_where_that_is_certain_and_never_drift()
    {
        var exact = Infer(DataType.Int64, Enumerable.Range(0, 500).Select(index => (object?)(long)index));
        Assert.Equal((true, null, new DistanceLimits()), (exact.Distinct!.Unique, exact.Domain, exact.Drift));
        var many = Infer(DataType.Text, Enumerable.Range(0, 5000).Select(index => $"key {index}"));
        Assert.Equal((null, null, new DistanceLimits()), (many.Distinct, many.Domain, many.Skew));
        Assert.Null(Infer(DataType.Text, Enumerable.Range(0, 50).Select(index => $"{index}")).Distinct);
    }

    [Fact]
    public void The_label_may_be_absent_when_serving()
    {
        var schema = DataSchema.Infer(Of(("a", DataType.Int64, [1L]), ("y", DataType.Int64, [1L])), "y");
        Assert.Equal(["training", "serving"], schema.Environments!);
        Assert.Equal((null, "serving"), (schema.Columns["a"].NotInEnvironments, schema.Columns["y"].NotInEnvironments!.Single()));
        Assert.Throws<UnknownColumnException>(() => DataSchema.Infer(Of("a", DataType.Int64, 1L), "y"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void The_data_that_a_schema_was_inferred_from_is_as_it_says_and_the_file_reads_back(int seed)
    {
        var statistics = new TableStatistics(Batches.AllTypes);
        statistics.Observe(Batches.Random(seed, seed * seed * 40 % 700));
        var written = DataSchema.Infer(statistics).ToJson();
        var read = DataSchema.Parse(written);
        Assert.Equal(written, read.ToJson());
        var report = read.Validate(statistics, new() { Previous = statistics, Training = statistics });
        Assert.Equal(statistics.RowCount == 0 ? ["low_rows"] : [], report.Anomalies.Select(anomaly => anomaly.Code));
    }
}
