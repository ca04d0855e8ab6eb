using System.Formats.Cbor;
using Capstan.Data;

namespace Capstan.Features.Tests.Parity;

/// <summary>The sacred test: every expression gives the same bits in the engine, in the row reference, stored, and as text.</summary>
public sealed class ParityLaws
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 400)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Engine_and_reference_agree_to_the_bit(int seed)
    {
        var generator = new ExprGenerator(seed);
        var features = Features(generator);
        var transform = new FrozenTransform(ExprGenerator.Schema, [.. features]);
        var rows = generator.Rows(seed % 5 == 0 ? Frame.TileRows * 2 + 3 : 60);
        var (buffer, workspace) = (new FeatureBuffer(transform.Output), transform.CreateWorkspace());
        transform.Apply(rows, buffer, workspace);
        foreach (var (name, expr) in features)
        {
            for (var row = 0; row < rows.RowCount; row++)
            {
                var expected = RowReference.Evaluate(expr, rows, row);
                var found = Feature(transform.Output, buffer, name, row);
                Assert.True(
                    AsFeature(expected, expr).Equals(found),
                    $"seed {seed}, row {row}: {expr}\n reference {expected ?? "missing"}, engine {found}\n " +
                    string.Join(", ", rows.Schema.Names.Select(column => $"{column}={rows[column].ValueAt(row) ?? "missing"}")));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_row_alone_has_the_same_features_as_in_a_batch(int seed)
    {
        var generator = new ExprGenerator(seed);
        var transform = new FrozenTransform(ExprGenerator.Schema, [.. Features(generator)]);
        var rows = generator.Rows(20);
        var (all, one, workspace) = (new FeatureBuffer(transform.Output), new FeatureBuffer(transform.Output), transform.CreateWorkspace());
        transform.Apply(rows, all, workspace);
        var single = new BatchBuilder(ExprGenerator.Schema);
        for (var row = 0; row < rows.RowCount; row++)
        {
            single.Clear();
            single.AppendRow(rows, row);
            transform.Apply(single.Batch, one, workspace);
            foreach (var (name, _) in transform.Features)
            {
                Assert.Equal(Feature(transform.Output, all, name, row), Feature(transform.Output, one, name, 0));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Printing_and_parsing_gives_the_same_tree(int seed)
    {
        var generator = new ExprGenerator(seed);
        for (var repeat = 0; repeat < 10; repeat++)
        {
            var expr = repeat == 0 ? generator.Vector(3) : generator.Feature();
            Assert.Equal(expr, ExprParser.Parse(expr.ToString()));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Storing_and_reading_gives_the_same_transform(int seed)
    {
        var generator = new ExprGenerator(seed);
        var transform = new FrozenTransform(ExprGenerator.Schema, [.. Features(generator)]);
        var bytes = transform.ToBytes();
        var read = StoredState.FromBytes<FrozenTransform>(bytes);
        Assert.Equal(transform.Features.AsEnumerable(), read.Features);
        Assert.Equal(transform.Hash, read.Hash);
        Assert.Equal(transform.Input, read.Input);
    }

    [Fact]
    public void A_damaged_transform_is_refused_or_differs_in_hash_but_never_breaks_anything_else()
    {
        var random = new Random(7);
        for (var seed = 0; seed < 40; seed++)
        {
            var generator = new ExprGenerator(seed);
            var transform = new FrozenTransform(ExprGenerator.Schema, [("f", generator.Feature()), ("g", generator.Feature())]);
            var bytes = transform.ToBytes();
            for (var repeat = 0; repeat < 50; repeat++)
            {
                var damaged = bytes.ToArray();
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
                try
                {
                    Assert.NotEqual(transform.Hash, StoredState.FromBytes<FrozenTransform>(damaged).Hash);
                }
                catch (CorruptStateException)
                {
                }
            }
        }
    }

    static (string Name, Expr Expr)[] Features(ExprGenerator generator) =>
        [.. Enumerable.Range(0, 6).Select(index => ($"f{index}", generator.Feature())), ("vector", generator.Vector(3))];

    /// <summary>A reference value as the feature that it becomes: single precision, 0 where missing or out of range.</summary>
    static object AsFeature(object? value, Expr expr) => value switch
    {
        ValueList<double> elements => new ValueList<float>([.. elements.Select(element => (float)AsFeature(element, expr))]),
        null when expr is TermVectorExpr { Terms: FixedVectorTerms { Values.Count: var width } } => new ValueList<float>([.. new float[width]]),
        null => 0f,
        int category => category,
        bool truth => truth ? 1f : 0f,
        double number => float.IsFinite((float)number) ? (float)number : 0f,
        _ => throw new InvalidOperationException($"{value} is no feature."),
    };

    static object Feature(FeatureLayout layout, FeatureBuffer buffer, string name, int row)
    {
        var elements = Enumerable.Range(0, layout.Numerics.Length).Where(index => layout.Numerics[index].Name.StartsWith($"{name}[", StringComparison.Ordinal)).ToArray();
        if (elements.Length > 0)
        {
            return new ValueList<float>([.. elements.Select(index => buffer.Numeric(index)[row])]);
        }

        var numeric = layout.Numerics.Select(spec => spec.Name).ToList().IndexOf(name);
        return numeric >= 0
            ? (object)buffer.Numeric(numeric)[row]
            : buffer.Category(layout.Categories.Select(spec => spec.Name).ToList().IndexOf(name))[row];
    }
}
