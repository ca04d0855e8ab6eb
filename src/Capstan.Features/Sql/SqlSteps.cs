using Capstan.Data;

namespace Capstan.Features;

/// <summary>A value at hand: a column of the step <paramref name="Level"/> and all later ones; a constant has level 0.</summary>
readonly record struct SqlValue(string Text, int Level);

/// <summary>
/// Subqueries one within the other, each adding columns to those of the one within: a value that is used twice is computed
/// once, and the text grows with the number of operations, not with the ways through the tree.
/// </summary>
/// <remarks>
/// PostgreSQL would put the steps together again and multiply the text; OFFSET 0 keeps them apart, and keeps constants from
/// meeting operations that refuse them (dividing by 0) before any row is looked at. Common table expressions would read better,
/// but DuckDB slows down sharply with the length of a chain of them.
/// </remarks>
sealed class SqlSteps(string table, SqlDialect dialect)
{
    readonly List<Step> _steps = [];
    readonly Dictionary<string, SqlValue> _known = new(StringComparer.Ordinal);

    // By a value's text, the last step that reads it: it is handed on no further.
    readonly Dictionary<string, int> _lastUses = new(StringComparer.Ordinal);
    int _count;

    /// <summary>A column of the table, or a constant, under a name of our own.</summary>
    public SqlValue Load(string sql) => At(1, sql);

    /// <summary>A new value from others that are at hand.</summary>
    /// <param name="sql">Reads each operand by its text.</param>
    public SqlValue Add(string sql, params ReadOnlySpan<SqlValue> operands) => At(LevelAfter(operands), sql);

    /// <summary>The second column of the constant row whose first column equals the operand; NULL where there is none.</summary>
    /// <param name="rows">Rows of two columns, the first all different.</param>
    public SqlValue Find(SqlValue operand, IEnumerable<string> rows)
    {
        var level = LevelAfter(operand);
        var name = $"j{++_count}";
        var value = At(level, $"{name}.category");
        _steps[level - 1].Joins.Add($"LEFT JOIN (VALUES {string.Join(", ", rows)}) AS {name}(term, category) ON {operand.Text} = {name}.term");
        return value;
    }

    /// <summary>The whole query.</summary>
    /// <param name="result">What stands between SELECT and FROM in the end.</param>
    /// <param name="used">The values that it reads, by their text.</param>
    public string Query(string result, IEnumerable<SqlValue> used)
    {
        var kept = used.Select(value => value.Text).ToHashSet(StringComparer.Ordinal);
        var source = table;
        for (var level = 1; level <= _steps.Count; level++)
        {
            var step = _steps[level - 1];
            var columns = _steps.Take(level - 1).SelectMany(earlier => earlier.Columns).Select(column => column.Name)
                .Where(name => kept.Contains(name) || _lastUses.GetValueOrDefault(name) > level)
                .Concat(step.Columns.Select(column => $"{column.Sql} AS {column.Name}"));
            // A step of constants alone hands nothing on, and no query selects nothing.
            source = $"(SELECT {string.Join(", ", columns.DefaultIfEmpty("0 AS v0"))}\nFROM {source}{string.Concat(step.Joins.Select(join => $"\n{join}"))}" +
                $"{(dialect == SqlDialect.PostgreSql ? " OFFSET 0" : "")}) AS s{level}";
        }

        return $"SELECT\n  {result}\nFROM {source}";
    }

    int LevelAfter(params ReadOnlySpan<SqlValue> operands)
    {
        var level = 1;
        foreach (var operand in operands)
        {
            level = Math.Max(level, operand.Level);
        }

        foreach (var operand in operands)
        {
            _lastUses[operand.Text] = Math.Max(_lastUses.GetValueOrDefault(operand.Text), level + 1);
        }

        return level + 1;
    }

    SqlValue At(int level, string sql)
    {
        if (_known.TryGetValue(sql, out var known))
        {
            return known;
        }

        while (_steps.Count < level)
        {
            _steps.Add(new Step([], []));
        }

        var value = new SqlValue($"v{++_count}", level);
        _steps[level - 1].Columns.Add((value.Text, sql));
        return _known[sql] = value;
    }

    readonly record struct Step(List<(string Name, string Sql)> Columns, List<string> Joins);
}
