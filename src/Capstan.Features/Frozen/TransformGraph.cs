using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// Named features over raw columns, still with statistics to be found in the data. Fitting returns a
/// <see cref="FrozenTransform"/>; only that one can be applied.
/// </summary>
public sealed class TransformGraph(Schema input)
{
    readonly List<string> _names = [];
    readonly Dictionary<string, Expr> _features = new(StringComparer.Ordinal);

    public Schema Input { get; } = input;

    /// <summary>How many threads fitting uses; all by default. Changes no result.</summary>
    public int Threads { get; init; } = ParallelPass.AllThreads;

    /// <summary>Who reads the rows to fit on; null for this process. Changes no result.</summary>
    public ISplitPool? Pool { get; init; }

    /// <summary>The features in the order they were added.</summary>
    public IEnumerable<(string Name, Expr Expr)> Features => _names.Select(name => (name, _features[name]));

    /// <summary>Adds or replaces a feature, after checking its types.</summary>
    /// <exception cref="ExpressionException">It is ill-typed.</exception>
    /// <exception cref="UnknownColumnException">It reads a column that is not in <see cref="Input"/>.</exception>
    /// <exception cref="ArgumentException">It nests too deeply.</exception>
    public Expr this[string feature]
    {
        get => _features[feature];
        set
        {
            ExprBounds.Check(value);
            _ = ExprTyping.KindOf(value, Input);
            if (!_features.ContainsKey(feature))
            {
                _names.Add(feature);
            }

            _features[feature] = value;
        }
    }

    /// <summary>
    /// Fits all features in one pass over the data, or none if the statistics say everything (one more for each level of
    /// statistics over statistics, which only nested expressions have).
    /// </summary>
    /// <param name="source">The training rows only: statistics of evaluation rows would leak.</param>
    /// <param name="statistics">Of the same rows, if known: expressions over plain columns are then concluded from them.</param>
    /// <param name="kept">Where the states of earlier passes are and this one's go; null for nowhere.</param>
    /// <param name="passed">Told the number of rows after every batch, by one thread at a time.</param>
    /// <exception cref="VocabularyFullException">A vocabulary would have more terms than a model may hold.</exception>
    public async Task<FrozenTransform> FitAsync(
        IBatchSource source, TableStatistics? statistics, AnalysisFolder? kept, Action<int>? passed,
        CancellationToken cancellationToken)
    {
        // By the frozen form; only functions of the label have another form for the training rows.
        var outOfFold = new Dictionary<Expr, Expr>();
        source = Features.Any(feature => NeedsFolds(feature.Expr)) ? new FoldedSource(source) : source;
        return await FitAsync(AnalyseAsync, outOfFold);

        async Task<IReadOnlyDictionary<Expr, Expr>> AnalyseAsync(IReadOnlyList<Expr> pending)
        {
            var analysis = new Analysis(pending, SourceSpan.FingerprintOf(source), statistics, kept);
            if (analysis.NeedsPass)
            {
                await analysis.RunAsync(source, Threads, Pool, passed, cancellationToken);
            }

            foreach (var node in pending.Where(NeedsFolds))
            {
                outOfFold[analysis.Conclude(node)] = analysis.ConcludeOutOfFold(node);
            }

            return pending.ToDictionary(node => node, analysis.Conclude);
        }
    }

    /// <summary>Fits all features, level by level of statistics over statistics.</summary>
    /// <param name="analyse">Gives the constant forms of nodes whose operands are frozen.</param>
    internal Task<FrozenTransform> FitAsync(Func<IReadOnlyList<Expr>, Task<IReadOnlyDictionary<Expr, Expr>>> analyse) =>
        FitAsync(analyse, []);

    async Task<FrozenTransform> FitAsync(
        Func<IReadOnlyList<Expr>, Task<IReadOnlyDictionary<Expr, Expr>>> analyse, Dictionary<Expr, Expr> outOfFold)
    {
        var features = Features.ToArray();
        while (true)
        {
            Expr[] pending = [.. features.SelectMany(feature => Ready(feature.Expr)).Distinct()];
            if (pending.Length == 0)
            {
                return Frozen(features, outOfFold);
            }

            var constants = await analyse(pending);
            features = [.. features.Select(feature => (feature.Name, Conclude(feature.Expr, constants)))];
        }
    }

    FrozenTransform Frozen((string Name, Expr Expr)[] features, Dictionary<Expr, Expr> outOfFold)
    {
        return outOfFold.Count == 0
            ? new FrozenTransform(Input, [.. features])
            : new FrozenTransform(Input, [.. features])
            {
                OutOfFold = new FrozenTransform(
                    FoldedSource.SchemaOf(Input), [.. features.Select(feature => (feature.Name, Replaced(feature.Expr)))]),
            };

        Expr Replaced(Expr expr) =>
            outOfFold.TryGetValue(expr, out var other) ? other : ExprChildren.WithChildren(expr, Replaced);
    }

    static bool NeedsFolds(Expr expr) =>
        expr is FittedExpr { Function: TargetEncoding } || ExprChildren.Of(expr).Any(NeedsFolds);

    /// <summary>
    /// Puts in the constants of what was analysed, bottom-up. A node whose operand became constant only now is not among them and
    /// waits for the next pass.
    /// </summary>
    static Expr Conclude(Expr expr, IReadOnlyDictionary<Expr, Expr> constants) =>
        constants.TryGetValue(expr, out var constant) ? constant
            : ExprChildren.WithChildren(expr, child => Conclude(child, constants));

    /// <summary>The nodes that need a pass and whose operands need none.</summary>
    static IEnumerable<Expr> Ready(Expr expr) =>
        ExprChildren.NeedsPass(expr) && ExprChildren.Of(expr).All(ExprChildren.IsFrozen) ? [expr]
            : ExprChildren.Of(expr).SelectMany(Ready);
}
