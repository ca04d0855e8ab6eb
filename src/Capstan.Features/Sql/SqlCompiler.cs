using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// Frozen transforms as SQL: one query whose rows are the features of a table's rows, equal to the engine's to the bit but for
/// log, exp, sine, power and their kin, which are as exact as the database's own.
/// </summary>
public static class SqlCompiler
{
    /// <summary>One SELECT that yields every feature under its name, in pipeline order; of a vector a column for each term, FEATURE[TERM].</summary>
    /// <param name="table">The table's name; dots stand between the parts of a qualified one.</param>
    /// <returns>
    /// Numbers in double precision (a truth is 1 or 0), NULL where they are missing; categories as integers. No final semicolon. The
    /// rows come in no order.
    /// </returns>
    /// <exception cref="SqlNotSupportedException">The dialect can't compute a feature as the engine does.</exception>
    /// <exception cref="ArgumentException">The table's name has an empty part.</exception>
    public static string Compile(FrozenTransform transform, SqlDialect dialect, string table)
    {
        var steps = new SqlSteps(SqlText.Table(table), dialect);
        var expressions = new SqlExpressions(transform.Input, steps, dialect);
        var (results, used) = (new List<string>(), new List<SqlValue>());
        foreach (var feature in SqlFeature.Of(transform))
        {
            var value = feature.ValueIn(expressions);
            used.Add(value);
            results.Add($"{(feature.IsCategory ? $"CAST({value.Text} AS INTEGER)" : value.Text)} AS {SqlText.Identifier(feature.Name)}");
        }

        return steps.Query(string.Join(",\n  ", results), used);
    }

    /// <summary>
    /// Queries that find in a table what the features of an unfitted graph need: one row of all numeric statistics, and the terms
    /// of each vocabulary.
    /// </summary>
    /// <exception cref="SqlNotSupportedException">
    /// The dialect can't compute an analysis exactly, or one is over another, whose result must be known first.
    /// </exception>
    public static IReadOnlyList<SqlAnalysis> Analyse(TransformGraph graph, SqlDialect dialect, string table) =>
        SqlAnalyses.Of(graph, dialect, SqlText.Table(table));
}

/// <summary>A query over all training rows.</summary>
/// <param name="Subjects">The expressions whose constants it finds: its columns, in order; or the one vocabulary whose terms its rows are.</param>
/// <param name="Query">No final semicolon.</param>
public sealed record SqlAnalysis(IReadOnlyList<Expr> Subjects, string Query);
