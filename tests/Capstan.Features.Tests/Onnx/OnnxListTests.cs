using Capstan.Data;
using Capstan.Features.Tests.Parity;

namespace Capstan.Features.Tests.Onnx;

/// <summary>Lists and the vectors made of them, in ONNX Runtime against the engine, to the bit.</summary>
public sealed class OnnxListTests(ITestOutputHelper output)
{
    static readonly string[]?[] Lists =
    [
        null, [], ["a"], [""], ["a", "b", "a"], ["", "", "a", ""], ["日本", "𝄞", "日本"], ["b"], [.. Enumerable.Range(0, 40).Select(item => $"{item % 7}")],
    ];

    [Theory]
    [InlineData("count(tags)")]
    [InlineData("count(distinct(tags))")]
    [InlineData("is_missing(tags)")]
    [InlineData("includes(tags, 'a')")]
    [InlineData("includes(tags, '')")]
    [InlineData("includes(tags, word)")]
    [InlineData("hash(item(tags, 1), 2147483646)")]
    [InlineData("hash(item(distinct(tags), count(tags) - 1), 2147483646)")]
    [InlineData("hash(join(tags, word), 2147483646)")]
    [InlineData("hash(join(ngrams(distinct(tags), 1, 3), '|'), 2147483646)")]
    [InlineData("hash(join(impute(tags, words('none of these')), '|'), 2147483646)")]
    [InlineData("hash(join(if(word == 'a', tags, characters(word)), '|'), 2147483646)")]
    [InlineData("vocabulary(item(tags, 0), ['b', 'a'])")]
    public void A_column_of_lists_gives_what_the_engine_gives(string expression) => AssertSame(expression, SomeRows());

    [Theory]
    [InlineData("bag_of_words(tags, ['a', 'b', '', '3'])")]
    [InlineData("multi_hot(tags, ['b', 'a', '6', 'none'])")]
    [InlineData("tf_idf(tags, ['a', 1.5, '日本', 0.1, '3', 1.00000001])")]
    public void A_vector_is_as_many_outputs(string expression) => AssertSame(expression, SomeRows());

    [Theory]
    [InlineData("count(tags)")]
    [InlineData("hash(join(distinct(ngrams(tags, 1, 2)), ','), 100)")]
    [InlineData("multi_hot(words(word), ['a'])")]
    public void No_rows_are_no_rows(string expression) => AssertSame(expression, new BatchBuilder(SomeRows().Schema).Batch);

    [Fact]
    public void Lists_alone_tell_how_many_rows_there_are()
    {
        var transform = new FrozenTransform(new Schema([new Field("tags", DataType.TextList)]), [("f", ExprParser.Parse("count(tags)")), ("g", ExprParser.Parse("1 + 1"))]);
        using var model = new OnnxModel(OnnxTransform.Export(transform));
        Assert.Equal(["tags", "tags_count"], model.Inputs.Order());
        Assert.Equal([0f, 0, 1, 1, 3, 4, 3, 1, 40], (float[])model.Run(SomeRows())["feature.f"]);
    }

    [Fact]
    public void Vectors_of_generated_lists_are_the_engines_to_the_bit()
    {
        var (cases, values) = (0, 0);
        for (var seed = 0; seed < 150; seed++)
        {
            var generator = new ExprGenerator(seed);
            var (vector, rows) = (generator.Vector(2), generator.Rows(40));
            try
            {
                values += Compare(new FrozenTransform(ExprGenerator.Schema, [("v", vector), ("n", new ColumnExpr("n"))]), rows);
                cases++;
            }
            catch (OnnxNotSupportedException)
            {
                // Lists made of what is refused elsewhere.
            }
        }

        output.WriteLine($"ONNX: {cases:N0} vectors of generated lists, {values:N0} values, equal to the bit.");
        Assert.True(cases > 100, $"{cases} cases are too few.");
    }

    static ColumnBatch SomeRows()
    {
        var builder = new BatchBuilder(new Schema([new Field("tags", DataType.TextList), new Field("word", DataType.Text)]));
        for (var row = 0; row < Lists.Length; row++)
        {
            if (Lists[row] is { } list)
            {
                foreach (var item in list)
                {
                    builder.Columns[0].Items.Append(item);
                }

                builder.Columns[0].AppendList();
            }
            else
            {
                builder.Columns[0].AppendMissing();
            }

            builder.Columns[1].Append(row % 2 == 0 ? "a" : "b c");
        }

        return builder.Batch;
    }

    static void AssertSame(string expression, ColumnBatch rows) =>
        Compare(new FrozenTransform(rows.Schema, [("f", ExprParser.Parse(expression)), ("w", ExprParser.Parse("hash(word, 10)"))]), rows);

    /// <summary>Output by output; gives the number of values.</summary>
    static int Compare(FrozenTransform transform, ColumnBatch rows)
    {
        using var model = new OnnxModel(OnnxTransform.Export(transform));
        var found = model.Run(rows);
        var features = new FeatureBuffer(transform.Output);
        transform.Apply(rows, features, transform.CreateWorkspace());
        foreach (var (spec, index) in transform.Output.Numerics.Select((spec, index) => (spec, index)))
        {
            var (expected, values) = (features.Numeric(index).ToArray(), (float[])found[$"feature.{spec.Name}"]);
            Assert.True(expected.AsSpan().SequenceEqual(values), $"{spec.Name}: engine {string.Join(' ', expected)}, ONNX {string.Join(' ', values)}");
        }

        foreach (var (spec, index) in transform.Output.Categories.Select((spec, index) => (spec, index)))
        {
            Assert.Equal(features.Category(index).ToArray().Select(category => (long)category), (long[])found[$"feature.{spec.Name}"]);
        }

        return (transform.Output.Numerics.Length + transform.Output.Categories.Length) * rows.RowCount;
    }
}
