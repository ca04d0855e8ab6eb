namespace Capstan.Models;

/// <summary>
/// Shapley values of a tree's features for one row: how much each moved the tree's value from its mean over the training rows to the
/// value of the row's leaf. A feature that is not known goes both ways at its splits, by the shares of the training rows.
/// </summary>
/// <remarks>
/// <para>Exact, in time leaves × depth². Everything in double precision, in the order in which LightGBM adds, so that the results agree
/// with its own (<c>predict_contrib</c>) but for rounding.</para>
/// <para>Source: S. M. Lundberg, G. Erion, S.-I. Lee, "Consistent individualized feature attribution for tree ensembles", 2018,
/// algorithm 2, whose names EXTEND, UNWIND, m, w, z, o stand here as Extend, Unwind, path, Weight, Zero, One.</para>
/// </remarks>
sealed class TreeShap
{
    readonly TreeEnsemble _trees;
    readonly SplitNode[] _nodes;
    readonly double[] _leafValues;
    readonly int[] _leafCovers;
    readonly int[] _nodeCovers;
    readonly int[] _roots;

    public TreeShap(TreeEnsemble trees)
    {
        _trees = trees;
        _nodes = [.. trees.Nodes];
        _leafValues = [.. trees.LeafValues];
        _leafCovers = [.. trees.LeafCovers];
        _nodeCovers = new int[_nodes.Length];
        _roots = trees.Roots();
        var depths = new int[_nodes.Length];
        // Children lie behind their parents: covers come up from the end, depths down from the start.
        for (var node = _nodes.Length - 1; node >= 0; node--)
        {
            _nodeCovers[node] = CoverOf(_nodes[node].Left) + CoverOf(_nodes[node].Right);
        }

        for (var node = 0; node < _nodes.Length; node++)
        {
            Deepest = Math.Max(Deepest, depths[node] + 1);
            foreach (var child in (ReadOnlySpan<int>)[_nodes[node].Left, _nodes[node].Right])
            {
                if (child >= 0)
                {
                    depths[child] = depths[node] + 1;
                }
            }
        }
    }

    /// <summary>Splits between a root and a leaf, at most.</summary>
    public int Deepest { get; }

    /// <summary>How many elements the paths of a walk take: one after another, each a copy of its parent's and one more.</summary>
    public int PathLength => (Deepest + 2) * (Deepest + 3) / 2;

    /// <summary>A tree's mean value over the training rows.</summary>
    public double Mean(int tree)
    {
        if (_roots[tree] < 0)
        {
            return _leafValues[~_roots[tree]];
        }

        var (mean, all) = (0.0, (double)_nodeCovers[_roots[tree]]);
        for (var leaf = _roots[tree] + tree; leaf <= _roots[tree] + tree + _trees.SplitCounts[tree]; leaf++)
        {
            mean += _leafCovers[leaf] / all * _leafValues[leaf];
        }

        return mean;
    }

    /// <summary>Adds a tree's attributions of a row.</summary>
    /// <param name="row">[features] numeric features' bits, then categories.</param>
    /// <param name="attributions">[features], added to.</param>
    /// <param name="paths">[<see cref="PathLength"/>] room to work.</param>
    public void Add(int tree, ReadOnlySpan<int> row, Span<double> attributions, Span<Element> paths)
    {
        if (_roots[tree] >= 0)
        {
            Walk(_roots[tree], row, attributions, [], paths, new Element(-1, 1, 1, 0));
        }
    }

    int CoverOf(int child) => child >= 0 ? _nodeCovers[child] : _leafCovers[~child];

    /// <param name="parent">The path so far.</param>
    /// <param name="free">Room for this path, and those below it.</param>
    /// <param name="next">What the split that leads here adds to the path.</param>
    void Walk(
        int at, ReadOnlySpan<int> row, Span<double> attributions, ReadOnlySpan<Element> parent, Span<Element> free, Element next)
    {
        var path = free[..(parent.Length + 1)];
        free = free[path.Length..];
        parent.CopyTo(path);
        Extend(path, next);
        if (at < 0)
        {
            for (var index = 1; index < path.Length; index++)
            {
                var element = path[index];
                attributions[element.Feature] += UnwoundSum(path, index) * (element.One - element.Zero) * _leafValues[~at];
            }

            return;
        }

        var node = _nodes[at];
        var (hot, cold) = _trees.GoesLeft(node, row) ? (node.Left, node.Right) : (node.Right, node.Left);
        // A feature asked for again: its earlier split is undone, to be done once for both.
        var (zero, one) = (1.0, 1.0);
        for (var index = 1; index < path.Length; index++)
        {
            if (path[index].Feature == node.Asked)
            {
                (zero, one) = (path[index].Zero, path[index].One);
                Unwind(path, index);
                path = path[..^1];
                break;
            }
        }

        var all = (double)_nodeCovers[at];
        Walk(hot, row, attributions, path, free, new Element(node.Asked, CoverOf(hot) / all * zero, one, 0));
        Walk(cold, row, attributions, path, free, new Element(node.Asked, CoverOf(cold) / all * zero, 0, 0));
    }

    static void Extend(Span<Element> path, Element next)
    {
        var last = path.Length - 1;
        path[last] = next with { Weight = last == 0 ? 1 : 0 };
        for (var index = last - 1; index >= 0; index--)
        {
            path[index + 1].Weight += next.One * path[index].Weight * (index + 1) / (last + 1);
            path[index].Weight = next.Zero * path[index].Weight * (last - index) / (last + 1);
        }
    }

    static void Unwind(Span<Element> path, int removed)
    {
        var (last, one, zero) = (path.Length - 1, path[removed].One, path[removed].Zero);
        var rest = path[last].Weight;
        for (var index = last - 1; index >= 0; index--)
        {
            if (one != 0)
            {
                var before = path[index].Weight;
                path[index].Weight = rest * (last + 1) / ((index + 1) * one);
                rest = before - path[index].Weight * zero * (last - index) / (last + 1);
            }
            else
            {
                path[index].Weight = path[index].Weight * (last + 1) / (zero * (last - index));
            }
        }

        for (var index = removed; index < last; index++)
        {
            path[index] = path[index + 1] with { Weight = path[index].Weight };
        }
    }

    /// <summary>The sum of the weights after <see cref="Unwind"/>, without doing it.</summary>
    static double UnwoundSum(ReadOnlySpan<Element> path, int removed)
    {
        var (last, one, zero) = (path.Length - 1, path[removed].One, path[removed].Zero);
        var (rest, total) = (path[last].Weight, 0.0);
        for (var index = last - 1; index >= 0; index--)
        {
            if (one != 0)
            {
                var weight = rest * (last + 1) / ((index + 1) * one);
                total += weight;
                rest = path[index].Weight - weight * zero * ((last - index) / (double)(last + 1));
            }
            else
            {
                total += path[index].Weight / zero / ((last - index) / (double)(last + 1));
            }
        }

        return total;
    }

    /// <summary>A feature of a path.</summary>
    /// <param name="Zero">The share of the training rows that goes this way if the feature is not known.</param>
    /// <param name="One">1 if the row itself goes this way, else 0.</param>
    /// <param name="Weight">Of sets with as many known features as stand before this one.</param>
    internal record struct Element(int Feature, double Zero, double One, double Weight);
}
