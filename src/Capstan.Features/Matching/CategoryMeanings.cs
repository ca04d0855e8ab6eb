using System.Text;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>Which category of an earlier feature each category of a later one is, by what they mean.</summary>
static class CategoryMeanings
{
    /// <returns>
    /// [cardinality of <paramref name="later"/>] the earlier categories, and how many of the later ones the earlier feature had
    /// none for; null where the two mean different things.
    /// </returns>
    /// <remarks>
    /// A term that was unknown is what unknown terms were, so a row is in the category that the earlier feature put it in:
    /// exactly so for vocabularies, equal hashes, and hashes into a multiple of the buckets. A bucket is the earlier one of
    /// its middle (the first and the last one: of their inner end).
    /// </remarks>
    public static (int[] Earlier, int NewCount)? Match(Expr earlier, Expr later) => (earlier, later) switch
    {
        _ when earlier.Equals(later) => ([.. Enumerable.Range(0, Cardinality.Of(later))], 0),
        (VocabularyExpr { Terms: FixedTerms old } was, VocabularyExpr { Terms: FixedTerms now } becomes)
            when was.Operand.Equals(becomes.Operand) => Terms(old, now),
        (BucketizeExpr { Boundaries: FixedBoundaries old } was, BucketizeExpr { Boundaries: FixedBoundaries now } becomes)
            when was.Operand.Equals(becomes.Operand) => (Buckets(old.Values, now.Values), 0),
        (HashExpr was, HashExpr becomes)
            when was.Operand.Equals(becomes.Operand) && was.Seed == becomes.Seed && becomes.Buckets % was.Buckets == 0 =>
            ([.. Enumerable.Range(0, becomes.Buckets).Select(bucket => bucket % was.Buckets), was.Buckets], 0),
        (CrossExpr was, CrossExpr becomes) when was.Operands.Count == becomes.Operands.Count && was.Seed == becomes.Seed =>
            Crossed(was, becomes),
        _ => null,
    };

    static (int[], int) Terms(FixedTerms old, FixedTerms now)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < old.Values.Count; index++)
        {
            places[old.Values[index]] = index;
        }

        var earlier = new List<int>(now.Values.Count + now.UnknownBuckets + 1);
        var newCount = 0;
        foreach (var term in now.Values)
        {
            if (!places.TryGetValue(term, out var place))
            {
                newCount++;
                place = places.Count + (int)(MurmurHash3.Hash32(Encoding.UTF8.GetBytes(term), 0) % (uint)old.UnknownBuckets);
            }

            earlier.Add(place);
        }

        earlier.AddRange(Enumerable.Range(0, now.UnknownBuckets).Select(bucket => places.Count + bucket % old.UnknownBuckets));
        earlier.Add(places.Count + old.UnknownBuckets);
        return ([.. earlier], newCount);
    }

    static int[] Buckets(ValueList<double> old, ValueList<double> now)
    {
        var earlier = new int[now.Count + 2];
        for (var bucket = 0; bucket <= now.Count; bucket++)
        {
            var inside = (bucket, now.Count) switch
            {
                (_, 0) => 0,
                (0, _) => Math.BitDecrement(now[0]),
                (var last, var count) when last == count => now[count - 1],
                _ => now[bucket - 1] + (now[bucket] - now[bucket - 1]) / 2,
            };
            earlier[bucket] = old.Count(boundary => boundary <= inside);
        }

        earlier[^1] = old.Count + 1; // missing
        return earlier;
    }

    /// <summary>Combinations that are numbered through are taken apart; of hashed ones nobody knows what they were.</summary>
    static (int[], int)? Crossed(CrossExpr was, CrossExpr becomes)
    {
        var (old, now) = (Cardinality.NumberingOf(was), Cardinality.NumberingOf(becomes));
        if (!now.IsExact)
        {
            return null;
        }

        var operands = new (int[] Earlier, int NewCount)[becomes.Operands.Count];
        for (var index = 0; index < operands.Length; index++)
        {
            if (Match(
                Cardinality.AsCategory(was.Operands[index], was.Seed),
                Cardinality.AsCategory(becomes.Operands[index], becomes.Seed)) is not { } match)
            {
                return null;
            }

            operands[index] = match;
        }

        var earlier = new int[now.Cardinality];
        var parts = new int[operands.Length];
        for (var category = 0; category < earlier.Length; category++)
        {
            var rest = category;
            for (var index = parts.Length - 1; index >= 0; index--)
            {
                (rest, parts[index]) = (rest / now.CardinalityAt(index), rest % now.CardinalityAt(index));
            }

            long key = operands[0].Earlier[parts[0]];
            for (var index = 1; index < parts.Length; index++)
            {
                key = old.Append(key, index, operands[index].Earlier[parts[index]]);
            }

            earlier[category] = old.Finish(key);
        }

        // Combinations of terms that were known.
        var known = operands.Aggregate(1L, (product, operand) => product * (operand.Earlier.Length - operand.NewCount));
        return (earlier, (int)(earlier.Length - known));
    }
}
