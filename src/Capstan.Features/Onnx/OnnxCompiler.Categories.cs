using System.Collections.Immutable;
using System.Globalization;
using Capstan.Data;

namespace Capstan.Features;

// Categories.
sealed partial class OnnxCompiler
{
    OnnxValue Category(Expr expr) => expr switch
    {
        BucketizeExpr { Boundaries: FixedBoundaries { Values: var values } } bucketize =>
            Bucketize(Number(bucketize.Operand), values),
        BucketizeByExpr bucketize => BucketizeBy(Number(bucketize.Operand), bucketize),
        VocabularyExpr { Terms: FixedTerms terms } vocabulary => Lookup(vocabulary, terms),
        HashExpr hash => Hash(hash),
        CrossExpr cross => Cross(cross),
        _ => throw Unknown(expr),
    };

    /// <summary>Counts the boundaries that a number has reached: rows × boundaries comparisons.</summary>
    OnnxValue Bucketize(OnnxValue x, ValueList<double> boundaries)
    {
        var bucket = boundaries.Count == 0 ? graph.Constant(0L) : Count();
        return graph.Where(graph.Condition("IsNaN", x), graph.Constant(boundaries.Count + 1L), bucket);

        OnnxValue Count() => CountReached(
            graph.Tensor<double>("boundaries", OnnxType.Float64, [1, boundaries.Count], boundaries.Items.AsSpan()), x);
    }

    /// <summary>The boundaries of each row's category, filled up with infinities, which no number reaches.</summary>
    OnnxValue BucketizeBy(OnnxValue x, BucketizeByExpr bucketize)
    {
        var width = Math.Max(1, bucketize.Boundaries.Max(each => each.Values.Count));
        double[] table =
        [
            .. bucketize.Boundaries.SelectMany(each =>
                each.Values.Concat(Enumerable.Repeat(double.PositiveInfinity, width - each.Values.Count))),
        ];
        var limits = graph.Tensor<double>("boundaries", OnnxType.Float64, [bucketize.Boundaries.Count, width], table);
        var category = graph.Apply("Squeeze", OnnxType.Int64, [Category(bucketize.Category), graph.Axis(1)]);
        var bucket = CountReached(graph.Apply("Gather", OnnxType.Float64, [limits, category]), x);
        return graph.Where(graph.Condition("IsNaN", x), graph.Constant(Cardinality.Of(bucketize) - 1L), bucket);
    }

    /// <param name="limits">[1 or rows × boundaries]</param>
    OnnxValue CountReached(OnnxValue limits, OnnxValue x)
    {
        var reached = graph.Cast(graph.Condition("LessOrEqual", limits, x), OnnxType.Int64);
        return graph.Apply("ReduceSum", OnnxType.Int64, [reached, graph.Axis(1)], new OnnxNumber("keepdims", 1));
    }

    OnnxValue Pick(PickExpr pick)
    {
        var numbers = graph.Tensor<double>(
            "numbers", OnnxType.Float64, [pick.Values.Count], [.. pick.Values.Select(NumberKernels.Finite)]);
        return graph.Apply("Gather", OnnxType.Float64, [numbers, Category(pick.Operand)]);
    }

    OnnxValue Lookup(VocabularyExpr vocabulary, FixedTerms terms)
    {
        long known = terms.Values.Count;
        if (TextForm(vocabulary.Operand) is not { } text)
        {
            return LookupNumber(vocabulary, terms);
        }

        var unknown = terms.UnknownBuckets == 1
            ? graph.Constant(known)
            : graph.Arithmetic("Add", graph.Hash(text.Value, 0, terms.UnknownBuckets), graph.Constant(known));
        var category = known == 0 ? unknown : Known();
        return graph.Where(text.Missing, graph.Constant(known + terms.UnknownBuckets), category);

        OnnxValue Known()
        {
            var found = graph.Apply(
                "LabelEncoder", OnnxType.Int64, [text.Value], new OnnxTexts("keys_strings", terms.Values.Items),
                new OnnxNumbers("values_int64s", Positions(terms.Values.Count)), new OnnxNumber("default_int64", -1));
            return graph.Where(graph.Condition("Less", found, graph.Constant(0L)), unknown, found);
        }
    }

    /// <summary>Looks numbers up as numbers: a term that is no number's text form can't be found by any.</summary>
    OnnxValue LookupNumber(VocabularyExpr vocabulary, FixedTerms terms)
    {
        if (terms.UnknownBuckets > 1)
        {
            throw new OnnxNotSupportedException(
                vocabulary, "unknown numbers are hashed by their shortest decimal form, which ONNX can't write unless they are " +
                "known to be whole; use unknown_buckets: 1, or bucketize.");
        }

        var (keys, values) = (ImmutableArray.CreateBuilder<double>(), ImmutableArray.CreateBuilder<double>());
        for (var index = 0; index < terms.Values.Count; index++)
        {
            foreach (var key in NumbersWritten(terms.Values[index]))
            {
                keys.Add(key);
                values.Add(index);
            }
        }

        var x = Number(vocabulary.Operand);
        var (known, missing) = ((long)terms.Values.Count, graph.Condition("IsNaN", x));
        if (keys.Count == 0)
        {
            return graph.Where(missing, graph.Constant(known + 1), graph.Constant(known));
        }

        var found = graph.Apply(
            "LabelEncoder", OnnxType.Float64, [graph.Where(missing, graph.Constant(0.0), x)],
            new OnnxDoubles("keys_tensor", keys.ToImmutable()),
            new OnnxDoubles("values_tensor", values.ToImmutable()), new OnnxDoubles("default_tensor", [known]));
        return graph.Where(missing, graph.Constant(known + 1), graph.Cast(found, OnnxType.Int64));
    }

    /// <summary>
    /// The numbers whose text form a term is: one, or two neighbours (see <see cref="CategoryText"/>), or none.
    /// </summary>
    static IEnumerable<double> NumbersWritten(string term) =>
        double.TryParse(term, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? new[] { number, Math.BitIncrement(number), Math.BitDecrement(number) }.Where(
                each => double.IsFinite(each) && CategoryText.Of(each) == term)
            : [];

    OnnxValue Hash(HashExpr hash)
    {
        var text = TextForm(hash.Operand) ?? throw new OnnxNotSupportedException(
            hash, "a number is hashed by its shortest decimal form, which ONNX can't write unless it is an integer column or " +
                "known to be whole; bucketize it, or export without this feature.");
        return graph.Where(text.Missing, graph.Constant((long)hash.Buckets), graph.Hash(text.Value, hash.Seed, hash.Buckets));
    }

    OnnxValue Cross(CrossExpr cross)
    {
        var numbering = Cardinality.NumberingOf(cross);
        var operands = cross.Operands.Select(operand => Cardinality.AsCategory(operand, cross.Seed)).ToArray();
        var key = Category(operands[0]);
        for (var index = 1; index < operands.Length; index++)
        {
            var before = numbering.HashesBefore(index) ? graph.Hash32(key, cross.Seed) : key;
            var scaled = graph.Arithmetic("Mul", before, graph.Constant((long)Cardinality.Of(operands[index])));
            key = graph.Arithmetic("Add", scaled, Category(operands[index]));
        }

        return numbering.IsExact ? key : graph.Hash(key, cross.Seed, cross.Buckets);
    }

    static ImmutableArray<long> Positions(int count) => [.. Enumerable.Range(0, count).Select(index => (long)index)];
}
