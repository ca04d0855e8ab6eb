using System.Collections.Immutable;
using System.Globalization;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Trees;

/// <summary>
/// Reads the text in which LightGBM saves a model (<c>GBDT::SaveModelToString</c>, <c>Tree::ToString</c>): a header, then for each tree
/// lines of <c>key=values</c>, with children numbered within the tree and leaves as complements.
/// </summary>
static class LightGbmModelText
{
    const int IsCategory = 1;

    const int MissingGoesLeft = 2;

    // Bits 2 and 3 of a decision's type: 0 none, 1 zero, 2 NaN is missing.
    const int ZeroIsMissing = 1 << 2;
    const int NanIsMissing = 2 << 2;

    /// <param name="features">The features that the model was grown on, numeric ones first.</param>
    /// <param name="missingValues">What was laid as NaN, as in <see cref="TreeEnsemble.MissingValues"/>.</param>
    /// <exception cref="FormatException">The text is no such model, or uses what Capstan never asks for.</exception>
    public static TreeEnsemble Read(string text, FeatureLayout features, ImmutableArray<float> missingValues)
    {
        var trees = new Growing(features, missingValues);
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var inTree = false;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("Tree=") || line.SequenceEqual("end of trees"))
            {
                if (inTree)
                {
                    trees.Add(fields);
                }

                fields.Clear();
                inTree = true;
                if (!line.StartsWith("Tree="))
                {
                    return trees.Finish();
                }
            }
            else if (line.IndexOf('=') is > 0 and var at)
            {
                fields[line[..at].ToString()] = line[(at + 1)..].ToString();
            }
        }

        throw new FormatException("The text of LightGBM's model has no 'end of trees'.");
    }

    /// <summary>The trees read so far, numbered through.</summary>
    sealed class Growing(FeatureLayout features, ImmutableArray<float> missingValues)
    {
        readonly List<int> _splitCounts = [];
        readonly List<SplitNode> _nodes = [];
        readonly List<float> _gains = [];
        readonly List<int> _setOffsets = [0];
        readonly List<uint> _setWords = [];
        readonly List<double> _leafValues = [];
        readonly List<int> _leafCovers = [];

        public void Add(Dictionary<string, string> fields)
        {
            if (fields.GetValueOrDefault("is_linear", "0") != "0")
            {
                throw new FormatException("LightGBM's model has linear trees; constant leaves were expected.");
            }

            var leaves = int.Parse(Field(fields, "num_leaves"), CultureInfo.InvariantCulture);
            var (firstNode, firstLeaf, splits) = (_nodes.Count, _leafValues.Count, leaves - 1);
            if (splits > 0)
            {
                AddNodes(fields, splits, child => child >= 0 ? firstNode + child : ~(firstLeaf + ~child));
            }

            _splitCounts.Add(splits);
            _leafValues.AddRange(Numbers<double>(fields, "leaf_value", leaves));
            // A tree of one leaf does not say how many rows it covers.
            _leafCovers.AddRange(splits > 0 ? Numbers<int>(fields, "leaf_count", leaves) : [1]);
        }

        public TreeEnsemble Finish() => new(
            features, [.. _splitCounts], [.. _nodes], [.. _gains], new CategorySets([.. _setOffsets], [.. _setWords]),
            [.. _leafValues], [.. _leafCovers], missingValues);

        void AddNodes(Dictionary<string, string> fields, int count, Func<int, int> numbered)
        {
            var kinds = Numbers<int>(fields, "decision_type", count);
            var asked = Numbers<int>(fields, "split_feature", count);
            var thresholds = Numbers<double>(fields, "threshold", count);
            var lefts = Numbers<int>(fields, "left_child", count);
            var rights = Numbers<int>(fields, "right_child", count);
            var firstSet = _setOffsets.Count - 1;
            for (var node = 0; node < count; node++)
            {
                var (left, right) = (numbered(lefts[node]), numbered(rights[node]));
                if ((kinds[node] & IsCategory) != 0)
                {
                    _nodes.Add(SplitNode.InSet(asked[node], firstSet + (int)thresholds[node], left, right));
                }
                else if ((kinds[node] & ZeroIsMissing) == 0)
                {
                    var split = SplitNode.AtMost(asked[node], thresholds[node], left, right);
                    // What stands for a missing value lies below all others, and so left of every threshold by itself.
                    var isSentRight = (kinds[node] & (NanIsMissing | MissingGoesLeft)) == NanIsMissing;
                    _nodes.Add(isSentRight ? split.WithMissingRight() : split);
                }
                else
                {
                    throw new FormatException("LightGBM's model takes zeros for missing values, which Capstan does not.");
                }
            }

            _gains.AddRange(Numbers<float>(fields, "split_gain", count));
            var sets = int.Parse(Field(fields, "num_cat"), CultureInfo.InvariantCulture);
            if (sets > 0)
            {
                var bounds = Numbers<int>(fields, "cat_boundaries", sets + 1);
                var before = _setWords.Count;
                _setOffsets.AddRange(bounds[1..].Select(bound => before + bound));
                _setWords.AddRange(Numbers<uint>(fields, "cat_threshold", bounds[^1]));
            }
        }

        static T[] Numbers<T>(Dictionary<string, string> fields, string key, int count)
            where T : ISpanParsable<T>
        {
            var text = Field(fields, key);
            var values = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return values.Length == count
                ? Array.ConvertAll(values, value => T.Parse(value, CultureInfo.InvariantCulture))
                : throw new FormatException($"'{key}' of a tree of LightGBM's model has {values.Length} values, expected {count}.");
        }

        static string Field(Dictionary<string, string> fields, string key) => fields.GetValueOrDefault(key)
            ?? throw new FormatException($"A tree of LightGBM's model has no '{key}'.");
    }
}
