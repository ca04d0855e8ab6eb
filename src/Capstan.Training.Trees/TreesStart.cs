using System.Collections.Immutable;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Trees;

/// <summary>An earlier model's trees over the features of a later transform: what further trees go on from.</summary>
public static class TreesStart
{
    /// <summary>
    /// Trees that score a row as the earlier ones did, as far as <paramref name="matching"/> is exact: to the bit where numbers are
    /// the same and only categories have changed.
    /// </summary>
    /// <remarks>
    /// A threshold moves with its number's slope and offset (and turns around where the slope is negative). A set of categories becomes
    /// that of all later categories that were in it, new terms being what unknown ones were.
    /// </remarks>
    /// <param name="missingValues">What stands for missing values now, as in <see cref="BoostedTreesOptions.MissingValues"/>.</param>
    /// <exception cref="ArgumentException">The trees ask for features that there are no more; the message names them.</exception>
    public static TreeEnsemble Carry(
        BoostedTreesPredictor earlier, FeatureMatching matching, IReadOnlyDictionary<string, float> missingValues)
    {
        var (trees, places) = (earlier.Trees, new Places(matching));
        CheckFeatures(trees, places);
        var numerics = matching.Earlier.Numerics.Length;
        ImmutableArray<float> missing = missingValues.Count == 0
            ? []
            : [.. matching.Later.Numerics.Select(spec => missingValues.GetValueOrDefault(spec.Name, float.NaN))];
        var (offsets, words) = (new List<int> { 0 }, new List<uint>());
        var nodes = ImmutableArray.CreateBuilder<SplitNode>(trees.Nodes.Length);
        foreach (var node in trees.Nodes)
        {
            nodes.Add(node.Asked < numerics ? Number(node) : Category(node));
        }

        return new TreeEnsemble(
            matching.Later, trees.SplitCounts, nodes.MoveToImmutable(), trees.Gains, new CategorySets([.. offsets], [.. words]),
            trees.LeafValues, trees.LeafCovers, missing);

        SplitNode Number(SplitNode node)
        {
            var place = places.Numerics[node.Asked]!.Value; // checked
            var match = matching.Numerics[place]!.Value; // it is what the place was found by
            var last = match is { Slope: 1, Offset: 0 } ? node.Threshold : LastAtMost(node.Threshold, match);
            var moved = match.Slope > 0
                ? SplitNode.AtMost(place, last, node.Left, node.Right)
                : SplitNode.AtMost(place, MathF.BitDecrement(last), node.Right, node.Left);
            // Where nothing is missing any more, or a slope has turned around, missing values go as numbers do.
            return node.SendsMissingRight && match.Slope > 0 && !missing.IsEmpty && !float.IsNaN(missing[place])
                ? moved.WithMissingRight()
                : moved;
        }

        SplitNode Category(SplitNode node)
        {
            var place = places.Categories[node.Asked - numerics]!.Value; // checked
            var was = matching.Categories[place]!.EarlierCategories; // it is what the place was found by
            var set = new uint[(was.Length + 31) / 32];
            for (var category = 0; category < was.Length; category++)
            {
                if (trees.CategorySets.Contains(node.Operand, was[category]))
                {
                    set[category >> 5] |= 1u << (category & 31);
                }
            }

            words.AddRange(set);
            offsets.Add(words.Count);
            return SplitNode.InSet(matching.Later.Numerics.Length + place, offsets.Count - 2, node.Left, node.Right);
        }
    }

    /// <summary>The last value, going up with a positive slope and down with a negative one, that was at most a threshold.</summary>
    static float LastAtMost(float threshold, NumericMatch match)
    {
        var last = (float)((threshold - match.Offset) / match.Slope);
        // A threshold may lie as near to a value as 1e-35 to 0, which rounding does not see: what counts is on which side values are.
        const int Neighbours = 4;
        for (var step = 0; step < Neighbours && !WasAtMost(last); step++)
        {
            last = Next(last, -match.Slope);
        }

        for (var step = 0; step < Neighbours && WasAtMost(Next(last, match.Slope)); step++)
        {
            last = Next(last, match.Slope);
        }

        return last;

        bool WasAtMost(float value) => match.Slope * value + match.Offset <= threshold;

        static float Next(float value, double direction) => direction > 0 ? MathF.BitIncrement(value) : MathF.BitDecrement(value);
    }

    static void CheckFeatures(TreeEnsemble trees, Places places)
    {
        var numerics = trees.Features.Numerics.Length;
        FeatureSpec[] specs = [.. trees.Features.Numerics, .. trees.Features.Categories];
        string[] gone =
        [
            .. trees.Nodes.Select(node => node.Asked).Distinct().Order()
                .Where(feature => feature < numerics
                    ? places.Numerics[feature] is null
                    : places.Categories[feature - numerics] is null)
                .Select(feature => $"'{specs[feature].Name}'"),
        ];
        if (gone.Length > 0)
        {
            throw new ArgumentException(
                $"its trees ask for {string.Join(", ", gone.Take(5))}{(gone.Length > 5 ? ", …" : "")}, which the new features no longer " +
                "have or define otherwise; keep them, or train without it");
        }
    }

    /// <summary>Where each of the earlier features is now.</summary>
    sealed class Places
    {
        public Places(FeatureMatching matching)
        {
            Numerics = new int?[matching.Earlier.Numerics.Length];
            Categories = new int?[matching.Earlier.Categories.Length];
            for (var index = 0; index < matching.Numerics.Length; index++)
            {
                if (matching.Numerics[index] is { } match)
                {
                    Numerics[match.EarlierIndex] = index;
                }
            }

            for (var index = 0; index < matching.Categories.Length; index++)
            {
                if (matching.Categories[index] is { } match)
                {
                    Categories[match.EarlierIndex] = index;
                }
            }
        }

        public int?[] Numerics { get; }

        public int?[] Categories { get; }
    }
}
