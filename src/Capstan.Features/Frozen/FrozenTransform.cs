using System.Collections.Immutable;
using System.Diagnostics;
using System.Formats.Cbor;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// The preprocessing of a model with all its constants: immutable, hashed, and the only thing that ever runs, in training,
/// evaluation, batch prediction and serving. Thread-safe; each caller brings a workspace.
/// </summary>
public sealed class FrozenTransform : IStoredState<FrozenTransform>
{
    readonly Plan _plan;
    readonly FrozenTransform? _outOfFold;

    /// <param name="input">The raw columns; those that no feature reads are left out of <see cref="Input"/>.</param>
    /// <param name="features">Frozen expressions by feature name.</param>
    /// <param name="passed">Raw columns that go on to the model as they are; none for models that are trained here.</param>
    /// <exception cref="ExpressionException">A feature is not frozen, ill-typed, or yields text or time.</exception>
    public FrozenTransform(
        Schema input, ImmutableArray<(string Name, Expr Expr)> features, params IReadOnlyList<string> passed)
    {
        foreach (var (_, expr) in features)
        {
            ExprBounds.Check(expr);
        }

        var used = features.SelectMany(feature => ExprChildren.ColumnsOf(feature.Expr)).Concat(passed)
            .ToHashSet(StringComparer.Ordinal);
        if (used.FirstOrDefault(name => input.IndexOf(name) < 0) is { } unknown)
        {
            throw new UnknownColumnException(unknown, input.Names);
        }

        Input = new Schema(input.Fields.Where(column => used.Contains(column.Name)));
        Features = features;
        Output = new FeatureLayout(features.SelectMany(feature => SpecsOf(feature.Name, feature.Expr)), Input.Select(passed));
        if (Output.All.GroupBy(spec => spec.Name, StringComparer.Ordinal).FirstOrDefault(
            each => each.Count() > 1) is { } twice)
        {
            throw new ArgumentException(
                $"Two features are called '{twice.Key}'; a vector's elements are called FEATURE[TERM].", nameof(features));
        }

        OutputColumns =
        [
            .. features.SelectMany(feature => SpecsOf(feature.Name, feature.Expr).Select(spec => (spec.Kind, feature.Expr)))
                .OrderBy(each => each.Kind)
                .Select(each => ExprChildren.ColumnsOf(each.Expr).ToImmutableArray()),
            .. passed.Select(column => ImmutableArray.Create(column)),
        ];

        // Roots in pipeline order, which among numbers and among categories is that of the layout.
        _plan = PlanCompiler.Compile(Input, [.. features.Select(feature => feature.Expr)]);
        Hash = ContentHash.Of(this.ToBytes());
    }

    /// <summary>The raw columns that predictions need, exactly as collected.</summary>
    public Schema Input { get; }

    public FeatureLayout Output { get; }

    /// <summary>
    /// [Output.All] the raw columns that each feature of <see cref="Output"/> is computed from, in the layout's order; none for a
    /// constant.
    /// </summary>
    public ImmutableArray<ImmutableArray<string>> OutputColumns { get; }

    /// <summary>The frozen expression of each feature, in pipeline order.</summary>
    public ImmutableArray<(string Name, Expr Expr)> Features { get; }

    /// <summary>The hash of the stored form: equal hashes compute equal features.</summary>
    public ContentHash Hash { get; }

    /// <summary>
    /// What the very rows that this was fitted on are transformed with to learn from them: itself, unless a feature is a function
    /// of the label; that one is then computed without the row's own label, over the rows of <see cref="TrainingRows"/>. Has the
    /// same output. Not stored: what is read from an artifact has nothing to learn.
    /// </summary>
    public FrozenTransform OutOfFold
    {
        get => _outOfFold ?? this;
        internal init => _outOfFold = value;
    }

    /// <summary>The rows that this was fitted on as <see cref="OutOfFold"/> reads them.</summary>
    /// <param name="fitted">The source that was fitted on.</param>
    public IBatchSource TrainingRows(IBatchSource fitted) => _outOfFold is null ? fitted : new FoldedSource(fitted);

    public TransformWorkspace CreateWorkspace() => new(_plan);

    /// <summary>Computes the features of all rows of a batch. A row's features do not depend on the rows around it.</summary>
    /// <param name="input">Has at least the columns of <see cref="Input"/>, in any order.</param>
    /// <param name="output">
    /// Made for <see cref="Output"/>; resized and overwritten. A missing number is 0 here: the mean, after a z-score.
    /// </param>
    /// <param name="workspace">From <see cref="CreateWorkspace"/> of this transform, used by no other call at the time.</param>
    /// <exception cref="UnknownColumnException">A column is absent.</exception>
    /// <exception cref="ArgumentException">A column has another type.</exception>
    public void Apply(ColumnBatch input, FeatureBuffer output, TransformWorkspace workspace)
    {
        var frame = workspace.Frame;
        _plan.Bind(frame, input);
        output.Resize(input.RowCount);
        output.Passed = input;
        for (var start = 0; start < input.RowCount; start += Frame.TileRows)
        {
            var count = Math.Min(Frame.TileRows, input.RowCount - start);
            _plan.Run(frame, start, count);
            Hand(frame, output, start, count);
        }
    }

    /// <summary>Hands a tile's roots to the features that they are.</summary>
    void Hand(Frame frame, FeatureBuffer output, int start, int count)
    {
        var (numeric, category) = (0, 0);
        foreach (var (kind, register) in _plan.Roots)
        {
            switch (kind)
            {
                case ValueKind.Category:
                    frame.Categories[register].AsSpan(0, count).CopyTo(output.Category(category++)[start..]);
                    break;
                case ValueKind.Vector:
                    for (var element = 0; element < frame.Vectors[register].Width; element++)
                    {
                        Narrow(frame.Vectors[register][element], output.Numeric(numeric++).Slice(start, count));
                    }

                    break;
                default:
                    Narrow(frame.Number(register), output.Numeric(numeric++).Slice(start, count));
                    break;
            }
        }
    }

    public void WriteTo(CborWriter writer)
    {
        // Version 2 has columns that are passed on; all others stay as they were.
        var passes = !Output.Passed.Fields.IsEmpty;
        writer.WriteStartMap(passes ? 4 : 3);
        writer.WriteInt32(0);
        writer.WriteInt32(passes ? 2 : 1);
        writer.WriteInt32(1);
        SchemaCodec.Write(writer, Input);
        writer.WriteInt32(2);
        writer.WriteStartArray(Features.Length * 2);
        foreach (var (name, expr) in Features)
        {
            writer.WriteTextString(name);
            ExprCodec.Write(writer, expr);
        }

        writer.WriteEndArray();
        if (passes)
        {
            writer.WriteInt32(3);
            writer.WriteStartArray(Output.Passed.Fields.Length);
            foreach (var name in Output.Passed.Names)
            {
                writer.WriteTextString(name);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndMap();
    }

    public static FrozenTransform ReadFrom(CborReader reader)
    {
        reader.ReadStartMap();
        Expect(reader, 0);
        var version = reader.ReadInt32();
        if (version is not (1 or 2))
        {
            throw new CorruptStateException("transform", $"its format has version {version}, this program reads versions 1 and 2");
        }

        Expect(reader, 1);
        var input = SchemaCodec.Read(reader);
        Expect(reader, 2);
        reader.ReadStartArray();
        var features = ImmutableArray.CreateBuilder<(string, Expr)>();
        while (reader.PeekState() != CborReaderState.EndArray)
        {
            features.Add((reader.ReadTextString(), ExprCodec.Read(reader)));
        }

        reader.ReadEndArray();
        var passed = version == 1 ? [] : ReadPassed(reader);
        reader.ReadEndMap();
        try
        {
            return new FrozenTransform(input, features.ToImmutable(), passed);
        }
        catch (ArgumentException cause)
        {
            throw new CorruptStateException("transform", cause.Message.TrimEnd('.'), cause);
        }
    }

    static List<string> ReadPassed(CborReader reader)
    {
        Expect(reader, 3);
        reader.ReadStartArray();
        var passed = new List<string>();
        while (reader.PeekState() != CborReaderState.EndArray)
        {
            passed.Add(reader.ReadTextString());
        }

        reader.ReadEndArray();
        return passed;
    }

    /// <summary>One feature; of a vector, one for each element: FEATURE[TERM].</summary>
    IEnumerable<FeatureSpec> SpecsOf(string name, Expr expr)
    {
        if (!ExprChildren.IsFrozen(expr))
        {
            throw new ExpressionException(expr, $"feature '{name}' has not been fitted yet.");
        }

        return ExprTyping.KindOf(expr, Input) switch
        {
            ValueKind.Number or ValueKind.Truth => [FeatureSpec.Numeric(name)],
            ValueKind.Category => [FeatureSpec.Category(name, Cardinality.Of(expr))],
            ValueKind.Vector => ElementsOf(expr).Select(element => FeatureSpec.Numeric($"{name}[{element}]")),
            ValueKind.List => throw new ExpressionException(
                expr, $"feature '{name}' is a list; make numbers of it: bag_of_words(…), multi_hot(…), tf_idf(…) or count(…)."),
            ValueKind.Time => throw new ExpressionException(
                expr, $"feature '{name}' is a time; take parts of it: hour(…), weekday(…), epoch_seconds(…)."),
            _ => throw new ExpressionException(
                expr, $"feature '{name}' is text; make it a category: vocabulary(…) or hash(…, buckets)."),
        };
    }

    static ValueList<string> ElementsOf(Expr vector) => vector is TermVectorExpr { Terms: FixedVectorTerms { Values: var terms } }
        ? terms
        : throw new UnreachableException();

    /// <summary>To single precision; missing, or beyond its range, is 0.</summary>
    static void Narrow(ReadOnlySpan<double> values, Span<float> result)
    {
        for (var row = 0; row < result.Length; row++)
        {
            var value = (float)values[row];
            result[row] = float.IsFinite(value) ? value : 0;
        }
    }

    static void Expect(CborReader reader, int tag)
    {
        if (reader.ReadInt32() is var found && found != tag)
        {
            throw new CorruptStateException("transform", $"field {found} was found where field {tag} was expected");
        }
    }
}

/// <summary>
/// One caller's working memory for a <see cref="FrozenTransform"/> or <see cref="FrozenExpression"/>; nothing is allocated after
/// warm-up.
/// </summary>
public sealed class TransformWorkspace
{
    internal TransformWorkspace(Plan plan) => Frame = new Frame(plan);

    internal Frame Frame { get; }
}
