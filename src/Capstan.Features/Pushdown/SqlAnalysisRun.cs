using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// The analyses of some nodes over frozen operands, asked of a database: what <see cref="Analysis"/> is for a pass.
/// </summary>
sealed class SqlAnalysisRun
{
    readonly SqlRelation _relation;
    readonly ImmutableArray<SqlFitting> _fittings;
    readonly ImmutableArray<string> _queries;
    readonly Dictionary<Expr, Expr> _constants = [];

    /// <exception cref="SqlNotSupportedException">A node has no query, or an operand no SQL.</exception>
    public SqlAnalysisRun(SqlRelation relation, IReadOnlyList<Expr> pending)
    {
        _relation = relation;
        _fittings = SqlAnalyses.Of(pending, relation.Database.Dialect);
        // All before the first runs: what can't be asked is refused in no time.
        _queries = [.. _fittings.Select(fitting => fitting.ReadQuery(relation.Input))];
    }

    public int QueryCount => _queries.Length;

    /// <summary>The constant form of each node, once it has run.</summary>
    public IReadOnlyDictionary<Expr, Expr> Constants => _constants;

    public async Task RunAsync(int threads, CancellationToken cancellationToken)
    {
        var found = new ColumnBatch[_fittings.Length];
        // A query is one thread's work, here or in its server.
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, _fittings.Length, options, async (index, token) =>
            found[index] = await _relation.Database.AllAsync(_queries[index], _fittings[index].Result, token));
        // Numbers are first, and needed by others.
        for (var index = 0; index < found.Length; index++)
        {
            foreach (var (node, constant) in _fittings[index].Nodes.Zip(_fittings[index].Conclude(found[index], _constants)))
            {
                _constants[node] = constant;
            }
        }
    }
}
