using System.Globalization;
using System.Text;
using Capstan.Data;
using Capstan.Serving.Tests.Models;

namespace Capstan.Serving.Tests.Requests;

/// <summary>The fast reader against its reference: it reads what the reference reads, to the same bits, or gives up.</summary>
public sealed class UniformReaderLaws
{
    readonly BatchBuilder _builder = new(TripModel.TripInputs);
    readonly UniformReader _fast;
    readonly InstanceReader _reference;

    public UniformReaderLaws()
    {
        var names = new FieldPaths([.. TripModel.TripInputs.Names, "fare"]);
        (_fast, _reference) = (new UniformReader(TripModel.TripInputs, names, _builder), new InstanceReader(TripModel.TripInputs, names));
    }

    bool Agrees(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        _builder.Clear();
        if (!_fast.TryRead(bytes))
        {
            return false;
        }

        _reference.ReadStrictly(bytes);
        Assert.Equal(_reference.Batch.RowCount, _builder.Batch.RowCount);
        foreach (var (expected, found) in _reference.Batch.Columns.Zip(_builder.Batch.Columns))
        {
            for (var row = 0; row < expected.Length; row++)
            {
                Assert.Equal(expected.IsPresent(row), found.IsPresent(row));
                Assert.Equal(Bits(expected, row), Bits(found, row));
            }
        }

        return true;
    }

    static object? Bits(Column column, int row) => column.Type switch
    {
        DataType.Float64 => BitConverter.DoubleToInt64Bits(column.Float64s[row]),
        DataType.Int64 or DataType.Timestamp => column.Int64s[row],
        _ => column.ValueAt(row),
    };

    static string Instance(string distance = "2.5", string passengers = "1", string vendor = "\"Müller\"", string more = "") =>
        $$"""{"distance":{{distance}},"passengers":{{passengers}},"vendor":{{vendor}},"night":true,"pickup":"2001-03-31T23:59:00"{{more}}}""";

    static string Body(params string[] instances) => $"{{\"instances\":[{string.Join(',', instances)}]}}";

    [Theory]
    [InlineData("")]
    [InlineData(",\"fare\":null")]
    [InlineData(",\"fare\":12.25e-3")]
    [InlineData(" , \"fare\" : \"x\" ")]
    public void Plain_bodies_are_read(string more) => Assert.True(Agrees(Body(Instance(more: more), Instance("null", "null", "null", more), Instance("-0", "-12", "\"\"", more))));

    [Fact]
    public void Spaces_of_JSON_do_not_count() => Assert.True(Agrees(
        "\r\n { \"instances\" :\t[ " + Instance().Replace("\":", "\" :\n").Replace(",\"", " , \"").Replace("{", "{ ").Replace("}", " }") + " , " +
        Instance() + " ] } \n"));

    [Fact]
    public void An_order_once_learned_is_learned_again()
    {
        Assert.True(Agrees(Body(Instance(), Instance())));
        Assert.True(Agrees("""{"instances":[{"pickup":null,"night":false,"vendor":"b","passengers":3,"distance":1}]}"""));
        Assert.True(Agrees(Body(Instance())));
        Assert.True(Agrees(Body()));
    }

    [Theory]
    [InlineData("01")]
    [InlineData("1.")]
    [InlineData(".5")]
    [InlineData("+1")]
    [InlineData("-")]
    [InlineData("1e")]
    [InlineData("1e400")]
    [InlineData("NaN")]
    [InlineData("\"1\"")]
    [InlineData("1 2")]
    [InlineData("[1]")]
    [InlineData("nul")]
    public void What_is_no_number_is_left_to_the_reference(string distance) => Assert.False(Agrees(Body(Instance(distance))));

    [Theory]
    [InlineData("3.0")]
    [InlineData("1e2")]
    [InlineData("9223372036854775807")]
    [InlineData("007")]
    public void Integers_that_are_not_plain_are_left_to_the_reference(string passengers) => Assert.False(Agrees(Body(Instance(passengers: passengers))));

    [Theory]
    [InlineData("\"a\\nb\"")]
    [InlineData("\"a\tb\"")]
    [InlineData("{\"b64\":\"QQ==\"}")]
    [InlineData("7")]
    [InlineData("\"open")]
    public void Texts_that_are_not_plain_are_left_to_the_reference(string vendor) => Assert.False(Agrees(Body(Instance(vendor: vendor))));

    [Fact]
    public void A_body_that_lacks_inputs_is_left_to_the_reference_however_often_it_comes()
    {
        string[] lacking = [Body("""{"distance":1}"""), Body("""{"distance":1}""", """{"distance":2}"""), Body(Instance().Replace(",\"night\":true", ""))];
        Assert.All(lacking.Concat(lacking), body => Assert.False(Agrees(body)));
        Assert.True(Agrees(Body(Instance())));
        Assert.All(lacking.Concat(lacking), body => Assert.False(Agrees(body)));
    }

    [Fact]
    public void Other_forms_are_left_to_the_reference()
    {
        Assert.False(Agrees("""{"signature_name":"serving_default","instances":[]}"""));
        Assert.False(Agrees(Body(Instance(more: ",\"distance\":1"))));
        Assert.False(Agrees(Body(Instance(), """{"pickup":null,"night":false,"vendor":"b","passengers":3,"distance":1}""")));
        Assert.False(Agrees(Body(Instance()) + "x"));
        Assert.False(Agrees(Body(Instance())[..^1]));
        Assert.False(Agrees(Body(Instance(more: ","))));
        Assert.False(Agrees("{\"instances\":[{}]}"));
    }

    [Fact]
    public void Numbers_of_all_lengths_have_the_bits_of_the_reference()
    {
        var random = new SeededRandom(1);
        for (var round = 0; round < 20_000; round++)
        {
            var number = BitConverter.UInt64BitsToDouble(random.NextUInt64());
            var text = (round % 4) switch
            {
                0 when double.IsFinite(number) => number.ToString("R", CultureInfo.InvariantCulture),
                1 => ((double)(random.NextInt32(2_000_000) - 1_000_000) / 1000).ToString("R", CultureInfo.InvariantCulture),
                2 => (random.NextNormal() * Math.Pow(10, random.NextInt32(30) - 15)).ToString("F" + random.NextInt32(20), CultureInfo.InvariantCulture),
                _ => random.NextInt32(int.MaxValue).ToString(CultureInfo.InvariantCulture) + "." + random.NextInt32(int.MaxValue).ToString(CultureInfo.InvariantCulture),
            };
            Assert.True(Agrees(Body(Instance(text))), text);
        }
    }
}
