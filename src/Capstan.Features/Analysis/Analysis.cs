using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// What one pass over the data finds out for the expressions that need it: mergeable states by operand, from which any number
/// of buckets, statistics and vocabulary sizes is concluded without reading the data again.
/// </summary>
public sealed class Analysis
{
    readonly string _rows;
    readonly AnalysisFolder? _kept;
    readonly Plan _plan;
    readonly Frame _frame;
    readonly Dictionary<Expr, Fitting> _fittings;

    // Whatever its origin: known, kept from an earlier pass, or observed by this one.
    readonly Dictionary<Analyzer, PassState> _states = [];

    // What this pass observes, with the registers of its operands.
    readonly List<(PassState State, ImmutableArray<int> Numbers, ImmutableArray<int> Texts)> _observed = [];

    /// <param name="pending">Nodes that need a pass, over operands that need none; each once.</param>
    /// <param name="rows">The fingerprint of the rows that the pass will read.</param>
    /// <param name="known">
    /// Statistics of the same rows, from which nodes over plain columns are concluded without another pass.
    /// </param>
    /// <param name="kept">States of earlier passes, over these rows or others.</param>
    internal Analysis(Schema schema, IReadOnlyList<Expr> pending, string rows, TableStatistics? known, AnalysisFolder? kept)
    {
        (_rows, _kept) = (rows, kept);
        _fittings = pending.ToDictionary(node => node, Fitting.Of);
        var unknown = new List<Analyzer>();
        foreach (var analyzer in _fittings.Values.Select(fitting => fitting.Analyzer).Distinct())
        {
            if (analyzer.Find(rows, known, kept) is { } state)
            {
                _states.Add(analyzer, state);
            }
            else
            {
                unknown.Add(analyzer);
            }
        }

        Expr[] numbers = [.. unknown.SelectMany(analyzer => analyzer.Numbers).Distinct()];
        Expr[] texts = [.. unknown.SelectMany(analyzer => analyzer.Texts).Distinct()];
        _plan = PlanCompiler.Compile(schema, numbers, texts);
        _frame = new Frame(_plan);
        foreach (var analyzer in unknown)
        {
            _states.Add(analyzer, analyzer.Begin());
            _observed.Add((
                _states[analyzer],
                [.. analyzer.Numbers.Select(operand => _plan.Roots[Array.IndexOf(numbers, operand)].Register)],
                [.. analyzer.Texts.Select(operand => _plan.TextRoots[Array.IndexOf(texts, operand)])]));
        }
    }

    /// <summary>Whether anything is left that only reading the rows can tell.</summary>
    public bool NeedsPass => _observed.Count > 0;

    /// <summary>The raw columns that the pass reads.</summary>
    public IReadOnlyList<string> Columns => _plan.Columns;

    public void Observe(ColumnBatch batch)
    {
        _plan.Bind(_frame, batch);
        for (var start = 0; start < batch.RowCount; start += Frame.TileRows)
        {
            _plan.Run(_frame, start, Math.Min(Frame.TileRows, batch.RowCount - start));
            foreach (var (state, numbers, texts) in _observed)
            {
                state.Observe(new PassRows(_frame, numbers.AsSpan(), texts.AsSpan()));
            }
        }
    }

    /// <summary>Keeps what this pass observed, once it has seen all rows.</summary>
    internal void Keep()
    {
        if (_kept is not null)
        {
            foreach (var (state, _, _) in _observed)
            {
                state.Keep(_kept, _rows);
            }
        }
    }

    /// <summary>Replaces a node that needed this pass by its constant form.</summary>
    /// <exception cref="VocabularyFullException">
    /// A vocabulary's column has more distinct values than can be counted exactly.
    /// </exception>
    internal Expr Conclude(Expr node)
    {
        var fitting = _fittings[node];
        return fitting.Conclude(_states[fitting.Analyzer]);
    }

    /// <summary>The form for the training rows themselves.</summary>
    internal Expr ConcludeOutOfFold(Expr node)
    {
        var fitting = _fittings[node];
        return fitting.ConcludeOutOfFold(_states[fitting.Analyzer]);
    }
}
