using System.Collections.Immutable;
using System.Globalization;

namespace Capstan.Features;

/// <summary>A numeric feature that an earlier model had: <c>earlier value = Slope × value + Offset</c>.</summary>
/// <param name="EarlierIndex">Its place among the earlier layout's numeric features.</param>
/// <param name="IsExact">
/// Whether slope and offset make up for all that fitting has changed; otherwise the definition is the same, its constants are
/// not, and the value is taken as it is.
/// </param>
public readonly record struct NumericMatch(int EarlierIndex, double Slope, double Offset, bool IsExact);

/// <summary>A category feature that an earlier model had.</summary>
/// <param name="EarlierIndex">Its place among the earlier layout's category features.</param>
/// <param name="EarlierCategories">[cardinality] which of the earlier categories each one is.</param>
/// <param name="NewCount">How many were unknown; they are what unknown ones were.</param>
public sealed record CategoryMatch(int EarlierIndex, ImmutableArray<int> EarlierCategories, int NewCount);

/// <summary>
/// What a model's features have become in a later transform, feature by feature of the same name, whatever fitting on other rows
/// has done to means, scales, vocabularies and boundaries: what parameters are carried over by.
/// </summary>
/// <remarks>
/// Numbers in raw units, where both are affine in the same expression: a z-score with another mean and deviation is exactly the
/// earlier one, stretched and moved (a missing value, which is 0 in both, is not moved along; nor are the ends of clips).
/// Categories by what they mean: <see cref="CategoryMatch"/>. An expression of another definition is another feature.
/// </remarks>
public sealed class FeatureMatching
{
    public FeatureMatching(FrozenTransform earlier, FrozenTransform later)
    {
        (Earlier, Later) = (earlier.Output, later.Output);
        var expressions = earlier.Features.ToDictionary(feature => feature.Name, feature => feature.Expr, StringComparer.Ordinal);
        var numerics = new NumericMatch?[Later.Numerics.Length];
        var categories = new CategoryMatch?[Later.Categories.Length];
        var (numericIndices, categoryIndices) = (Indices(Later.Numerics), Indices(Later.Categories));
        var (earlierNumerics, earlierCategories) = (Indices(Earlier.Numerics), Indices(Earlier.Categories));
        foreach (var (name, expr) in later.Features)
        {
            if (!expressions.TryGetValue(name, out var was))
            {
                continue;
            }

            if (categoryIndices.TryGetValue(name, out var category) && earlierCategories.TryGetValue(name, out var earlierCategory))
            {
                categories[category] = CategoryMeanings.Match(was, expr) is { } match
                    ? new CategoryMatch(earlierCategory, [.. match.Earlier], match.NewCount)
                    : null;
            }
            else if (numericIndices.TryGetValue(name, out var numeric) && earlierNumerics.TryGetValue(name, out var earlierNumeric))
            {
                numerics[numeric] = Number(earlierNumeric, was, expr);
            }
            else if (Factors(was, expr) is { } factors)
            {
                foreach (var (term, factor) in factors)
                {
                    var element = $"{name}[{term}]";
                    numerics[numericIndices[element]] = new NumericMatch(earlierNumerics[element], factor, 0, true);
                }
            }
        }

        (Numerics, Categories) = ([.. numerics], [.. categories]);
    }

    public FeatureLayout Earlier { get; }

    public FeatureLayout Later { get; }

    /// <summary>[Later.Numerics.Length]; null where a feature is new.</summary>
    public ImmutableArray<NumericMatch?> Numerics { get; }

    /// <summary>[Later.Categories.Length]; null where a feature is new.</summary>
    public ImmutableArray<CategoryMatch?> Categories { get; }

    /// <summary>The later features that the earlier model did not have.</summary>
    public IEnumerable<string> NewFeatures =>
        Later.Numerics.Where((_, index) => Numerics[index] is null).Concat(Later.Categories.Where((_, index) => Categories[index] is null))
            .Select(spec => spec.Name);

    /// <summary>The earlier features that are no more, or mean something else.</summary>
    public IEnumerable<string> GoneFeatures
    {
        get
        {
            var numerics = Numerics.Where(match => match is not null).Select(match => match!.Value.EarlierIndex).ToHashSet();
            var categories = Categories.Where(match => match is not null).Select(match => match!.EarlierIndex).ToHashSet();
            return Earlier.Numerics.Where((_, index) => !numerics.Contains(index))
                .Concat(Earlier.Categories.Where((_, index) => !categories.Contains(index))).Select(spec => spec.Name);
        }
    }

    /// <summary>What is carried over and what is new, in counts, for people.</summary>
    public override string ToString()
    {
        var carriedNumbers = Numerics.Count(match => match is not null);
        var carried = Categories.Where(match => match is not null).ToArray();
        var categories = carried.Sum(match => (long)match!.EarlierCategories.Length);
        var unknown = carried.Sum(match => (long)match!.NewCount);
        var inexact = Numerics.Count(match => match is { IsExact: false });
        var parts = new List<string>
        {
            Say($"{carriedNumbers + carried.Length:N0} of {Numerics.Length + Categories.Length:N0} features are carried over"),
        };
        if (carried.Length > 0)
        {
            parts.Add(Say($"{categories - unknown:N0} of their categories, and {unknown:N0} new ones begin as unknown ones were"));
        }

        if (inexact > 0)
        {
            parts.Add(Say($"{inexact:N0} numbers with other constants in the same formula are taken as they are"));
        }

        Name("new", [.. NewFeatures]);
        Name("gone", [.. GoneFeatures]);
        return string.Join("; ", parts);

        void Name(string what, string[] names)
        {
            if (names.Length > 0)
            {
                var more = names.Length > 5 ? ", …" : "";
                parts.Add(Say($"{names.Length:N0} {what} ({string.Join(", ", names.Take(5))}{more})"));
            }
        }

        static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }

    static NumericMatch? Number(int index, Expr was, Expr expr)
    {
        if (was.Equals(expr))
        {
            return new NumericMatch(index, 1, 0, true);
        }

        var (earlier, later) = (AffineForm.Of(was), AffineForm.Of(expr));
        var slope = earlier.Slope / later.Slope;
        var offset = earlier.Offset - slope * later.Offset;
        if (earlier.Core.Equals(later.Core) && slope != 0 && double.IsFinite(slope) && double.IsFinite(offset))
        {
            return new NumericMatch(index, slope, offset, true);
        }

        return WithoutConstants(was).Equals(WithoutConstants(expr)) ? new NumericMatch(index, 1, 0, false) : null;
    }

    /// <summary>Of two vectors of the same list, the terms of both with earlier factor / later factor.</summary>
    static IEnumerable<(string Term, double Factor)>? Factors(Expr was, Expr expr)
    {
        if ((was, expr) is not (TermVectorExpr { Terms: FixedVectorTerms old } earlier, TermVectorExpr { Terms: FixedVectorTerms now } later)
            || earlier.Weight != later.Weight || !earlier.Operand.Equals(later.Operand))
        {
            return null;
        }

        var factors = old.Values.Zip(old.Factors).ToDictionary(term => term.First, term => term.Second, StringComparer.Ordinal);
        return now.Values.Zip(now.Factors).Where(term => factors.ContainsKey(term.First))
            .Select(term => (term.First, factors[term.First] / term.Second));
    }

    /// <summary>The formula that fitting left behind, without what fitting found.</summary>
    static Expr WithoutConstants(Expr expr) => ExprChildren.WithChildren(expr, WithoutConstants) switch
    {
        NumberExpr => new NumberExpr(0),
        PickExpr pick => pick with { Values = [] },
        BucketizeExpr bucketize => bucketize with { Boundaries = new FixedBoundaries([]) },
        VocabularyExpr { Terms: var terms } vocabulary => vocabulary with { Terms = new FixedTerms([], terms.UnknownBuckets) },
        var other => other,
    };

    static Dictionary<string, int> Indices(ImmutableArray<FeatureSpec> specs) =>
        specs.Select((spec, index) => (spec.Name, index)).ToDictionary(each => each.Name, each => each.index, StringComparer.Ordinal);
}
