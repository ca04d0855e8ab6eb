using System.Text;
using Capstan.Data;
using Capstan.Serving.Tests.Models;

namespace Capstan.Serving.Tests.Requests;

public sealed class InstanceReaderTests
{
    const string Row = """{"distance":2.5,"passengers":1,"vendor":"Acme","night":true,"pickup":"2001-03-31T23:59:00"}""";

    readonly InstanceReader _reader = new(TripModel.TripInputs, new FieldPaths(TripModel.TripInputs.Names.Append("fare")));

    ColumnBatch Read(string body)
    {
        _reader.Read(Encoding.UTF8.GetBytes(body));
        return _reader.Batch;
    }

    [Fact]
    public void One_row_arrives_in_its_columns()
    {
        var batch = Read($$"""{"instances":[{{Row}}]}""");
        Assert.Equal(1, batch.RowCount);
        Assert.Equal([2.5, 1L, "Acme", true, new DateTime(2001, 3, 31, 23, 59, 0)], batch.Columns.Select(column => column.ValueAt(0)));
    }

    [Fact]
    public void A_list_is_an_array_of_texts()
    {
        var reader = new InstanceReader(new Schema([new("tags", DataType.TextList)]), new FieldPaths(["tags"]));
        reader.Read("""{"instances":[{"tags":["a","\u00e9",null]},{"tags":[]},{"tags":null}]}"""u8.ToArray());
        Assert.Equal(["a,é", "", "missing"], Enumerable.Range(0, 3).Select(row => reader.Batch["tags"].ValueAt(row) is string[] items ? string.Join(',', items) : "missing"));
        foreach (var body in new[] { """{"instances":[{"tags":"a"}]}""", """{"instances":[{"tags":[1]}]}""", """{"instances":[{"tags":[["a"]]}]}""" })
        {
            var refused = Assert.Throws<RefusedRequestException>(() => reader.Read(Encoding.UTF8.GetBytes(body)));
            Assert.Contains("an array of texts in quotes", refused.Problem.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void No_instances_are_no_rows() => Assert.Equal(0, Read("""{"instances":[]}""").RowCount);

    [Fact]
    public void Fields_come_in_any_order_and_the_signature_on_either_side()
    {
        const string Turned = """{"pickup":"2001-03-31 23:59","night":false,"vendor":"","passengers":2,"distance":1}""";
        var batch = Read($$"""{"signature_name":"serving_default","instances":[{{Row}},{{Turned}},{{Row}}]}""");
        Assert.Equal([2.5, 1.0, 2.5], batch["distance"].Float64s.ToArray());
        Assert.Equal([1L, 2L, 1L], batch["passengers"].Int64s.ToArray());
        Assert.Equal("", batch["vendor"].ValueAt(1));
        Assert.Equal(3, Read($$"""{"instances":[{{Row}},{{Row}},{{Row}}],"signature_name":"serving_default"}""").RowCount);
    }

    [Fact]
    public void Null_is_missing_in_every_type()
    {
        var batch = Read("""{"instances":[{"distance":null,"passengers":null,"vendor":null,"night":null,"pickup":null}]}""");
        Assert.All(batch.Columns, column => Assert.False(column.IsPresent(0)));
    }

    [Theory]
    [InlineData("3", 3L)]
    [InlineData("3.0", 3L)]
    [InlineData("3e2", 300L)]
    [InlineData("-0.0", 0L)]
    [InlineData("9007199254740992.0", 9007199254740992L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    public void An_integer_may_be_written_as_a_number_without_a_fraction(string written, long expected) =>
        Assert.Equal(expected, Read($$"""{"instances":[{{Row.Replace("\"passengers\":1", "\"passengers\":" + written)}}]}""")["passengers"].Int64s[0]);

    [Fact]
    public void Escapes_stand_for_what_they_mean_in_names_and_values()
    {
        var body = Row.Replace("\"vendor\":\"Acme\"", """
            "\u0076endor":"M\u00fcller \"\ud83d\ude95\"\n"
            """.Trim());
        Assert.Equal("Müller \"🚕\"\n", Read($$"""{"instances":[{{body}}]}""")["vendor"].ValueAt(0));
    }

    [Fact]
    public void Columns_that_the_model_does_not_use_are_skipped_whatever_they_hold() =>
        Assert.Equal(2, Read($$"""{"instances":[{{Row.Replace("}", ",\"fare\":[{\"x\":[1]}]}")}},{{Row}}]}""").RowCount);

    [Fact]
    public void A_byte_order_mark_is_passed_over() => Assert.Equal(1, Read("\uFEFF" + $$"""{"instances":[{{Row}}]}""").RowCount);

    [Fact]
    public void A_refused_request_leaves_nothing_for_the_next()
    {
        Assert.Throws<RefusedRequestException>(() => Read($$"""{"instances":[{{Row}},{{Row}},{"distance":1}]}"""));
        var batch = Read($$"""{"instances":[{{Row}}]}""");
        Assert.All(batch.Columns, column => Assert.Equal(1, column.Length));
        Assert.Equal("Acme", batch["vendor"].ValueAt(0));
    }

    static readonly Schema Nested = new(
        [new("user.age", DataType.Int64), new("user.name.first", DataType.Text), new("n", DataType.Float64)]);

    [Theory]
    [InlineData("""{"user":{"age":41,"name":{"first":"A"}},"n":1}""")]
    [InlineData("""{"n":1,"user":{"name":{"first":"A","last":"ignored"},"age":41}}""")]
    [InlineData("""{"user.age":41,"user.name.first":"A","n":1}""")]
    [InlineData("""{"user":{"age":41,"name.first":"A"},"n":1}""")]
    [InlineData("""{"us\u0065r":{"\u0061ge":41,"name":{"first":"A"}},"n":1}""")]
    public void Columns_with_dots_may_come_as_objects(string row)
    {
        var reader = new InstanceReader(Nested, new FieldPaths(Nested.Names.Append("user.name.last")));
        reader.Read(Encoding.UTF8.GetBytes($$"""{"instances":[{{row}},{{row}}]}"""));
        Assert.Equal(2, reader.Batch.RowCount);
        Assert.Equal([41L, "A", 1.0], reader.Batch.Columns.Select(column => column.ValueAt(1)));
    }

    [Theory]
    [InlineData("""{"user":null,"n":1}""")]
    [InlineData("""{"user":{"age":null,"name":null},"n":1}""")]
    public void An_object_that_is_null_has_missing_columns(string row)
    {
        var reader = new InstanceReader(Nested, new FieldPaths(Nested.Names));
        reader.Read(Encoding.UTF8.GetBytes($$"""{"instances":[{{row}}]}"""));
        Assert.Equal([null, null, 1.0], reader.Batch.Columns.Select(column => column.ValueAt(0)));
    }

    [Theory]
    [InlineData("""{"user":{"age":41},"n":1}""", "missing_field", "user.name.first")]
    [InlineData("""{"user":{"age":41,"name":{"first":"A","nope":1}},"n":1}""", "unknown_field", "user.name.nope")]
    [InlineData("""{"user":{"age":41,"name":{"first":"A"}},"user.age":2,"n":1}""", "duplicate_field", "user.age")]
    [InlineData("""{"user":{"age":"41","name":{"first":"A"}},"n":1}""", "wrong_type", "user.age")]
    [InlineData("""{"user":41,"n":1}""", "wrong_type", "user")]
    [InlineData("""{"user":null,"user.age":1,"n":1}""", "duplicate_field", "user.age")]
    public void What_is_wrong_within_an_object_is_named_by_its_path(string row, string code, string field)
    {
        var reader = new InstanceReader(Nested, new FieldPaths(Nested.Names));
        var refused = Assert.Throws<RefusedRequestException>(() => reader.Read(Encoding.UTF8.GetBytes($$"""{"instances":[{{row}}]}""")));
        Assert.Equal((code, field), (refused.Problem.Code, refused.Problem.Field));
        reader.Read("""{"instances":[{"user":{"age":1,"name":{"first":"A"}},"n":1}]}"""u8);
        Assert.Equal(1, reader.Batch.RowCount);
    }

    [Fact]
    public void Nested_rows_are_read_without_allocating()
    {
        var reader = new InstanceReader(Nested, new FieldPaths(Nested.Names));
        var body = """{"instances":[{"user":{"age":41,"name":{"first":"A"}},"n":1},{"n":1,"user":{"age":41,"name":{"first":"A"}}}]}"""u8.ToArray();
        reader.Read(body);
        Assert.Equal(0, Allocations.Of(() => reader.Read(body)));
    }
}
