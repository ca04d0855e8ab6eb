using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// What one pass over the data finds out for the expressions that need it: mergeable states by operand, from which any number
/// of buckets, statistics and vocabulary sizes is concluded without reading the data again.
/// </summary>
sealed class Analysis
{
    readonly string _rows;
    readonly AnalysisFolder? _kept;
    readonly Dictionary<Expr, Fitting> _fittings;
    readonly List<Analyzer> _unknown = [];

    // Whatever its origin: known, kept from an earlier pass, or observed by this one.
    readonly Dictionary<Analyzer, PassState> _states = [];

    /// <param name="pending">Nodes that need a pass, over operands that need none; each once.</param>
    /// <param name="rows">The fingerprint of the rows (<see cref="SourceSpan.FingerprintOf"/>).</param>
    /// <param name="known">
    /// Statistics of the same rows, from which nodes over plain columns are concluded without another pass.
    /// </param>
    /// <param name="kept">States of earlier passes, over these rows or others.</param>
    public Analysis(IReadOnlyList<Expr> pending, string rows, TableStatistics? known, AnalysisFolder? kept)
    {
        (_rows, _kept) = (rows, kept);
        _fittings = pending.ToDictionary(node => node, Fitting.Of);
        foreach (var fittings in _fittings.Values.GroupBy(fitting => fitting.Analyzer))
        {
            var analyzer = fittings.Key;
            if (analyzer.Find(rows, known, kept) is { } state && fittings.All(fitting => fitting.IsEnough(state)))
            {
                _states.Add(analyzer, state);
            }
            else
            {
                _unknown.Add(analyzer);
            }
        }
    }

    /// <summary>Whether anything is left that only reading rows can tell.</summary>
    public bool NeedsPass => _unknown.Count > 0;

    /// <summary>Reads what is needed, and keeps what it finds once it has seen all rows.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="threads">How many splits are read at a time; changes no result.</param>
    /// <param name="pool">Others who read them instead; null for this process.</param>
    /// <param name="passed">Told the number of rows after every batch, by one thread at a time.</param>
    public async Task RunAsync(IBatchSource source, int threads, ISplitPool? pool, Action<int>? passed, CancellationToken cancellationToken)
    {
        var found = await new AnalysisPass(source, [.. _unknown], _kept, pool).RunAsync(threads, passed, cancellationToken);
        foreach (var (analyzer, state) in _unknown.Zip(found))
        {
            _states.Add(analyzer, state);
            if (_kept is not null)
            {
                state.Keep(_kept, _rows);
            }
        }

        _unknown.Clear();
    }

    /// <summary>Replaces a node that needed this pass by its constant form.</summary>
    /// <exception cref="VocabularyFullException">A vocabulary would have more terms than a model may hold.</exception>
    public Expr Conclude(Expr node)
    {
        var fitting = _fittings[node];
        return fitting.Conclude(_states[fitting.Analyzer]);
    }

    /// <summary>The form for the training rows themselves.</summary>
    public Expr ConcludeOutOfFold(Expr node)
    {
        var fitting = _fittings[node];
        return fitting.ConcludeOutOfFold(_states[fitting.Analyzer]);
    }
}
