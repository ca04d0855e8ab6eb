using System.Diagnostics;
using System.Globalization;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>The rows that a <see cref="RowSubset"/> selects, chosen by the same rule in a query.</summary>
sealed class SqlSubset(RowSubset subset, ISqlSource database)
{
    const long HashRange = 1L << 32;

    readonly SqlDialect _dialect = database.Dialect;

    /// <param name="inner">
    /// The subquery of the rows to choose from, given the columns and whether their places are wanted.
    /// </param>
    /// <exception cref="PushdownException">The rule goes by what the database does not keep.</exception>
    public string Of(IReadOnlyList<string> columns, bool withPlaces, Func<IReadOnlyList<string>, bool, string> inner)
    {
        string[] read = [.. columns.Concat(subset.Rule.Column is { } key ? [key] : []).Distinct(StringComparer.Ordinal)];
        var byPlace = subset.Rule.Column is null;
        if (byPlace && !database.HasPlaces)
        {
            // What can't be asked at all says so first.
            _ = inner(read, false);
            throw new PushdownException(
                $"the rows of {database.Database}",
                "a share of them is held out by their places (validation.share without a key), and a table keeps none. Name a " +
                    "column whose values say " +
                "who is held out (validation.key), or a time (validation.time and from), or hold out nothing (share: 0).");
        }

        var steps = new SqlSteps(inner(read, withPlaces || byPlace), _dialect);
        var (condition, tested) = subset.Rule switch
        {
            TimeRule rule => ByTime(rule, steps),
            HashRule rule => ByHash(rule, steps),
            _ => throw new UnreachableException(),
        };
        return SqlRelation.Kept(steps, columns, withPlaces, condition, tested);
    }

    (string Condition, SqlValue Tested) ByTime(TimeRule rule, SqlSteps steps)
    {
        var time = new SqlExpressions(subset.Schema, steps, _dialect).Of(new ColumnExpr(rule.Column!)); // a time rule has one
        string[] conditions =
        [
            .. rule.From is { } from ? [$"{time.Text} >= {SqlText.Timestamp(from, _dialect)}"] : Array.Empty<string>(),
            .. rule.Before is { } before ? [$"{time.Text} < {SqlText.Timestamp(before, _dialect)}"] : Array.Empty<string>(),
        ];
        var within = conditions.Length == 0 ? "1 = 1" : string.Join(" AND ", conditions);
        return (rule.From is null ? $"({time.Text} IS NULL OR {within})" : within, time);
    }

    (string Condition, SqlValue Tested) ByHash(HashRule rule, SqlSteps steps)
    {
        var hash = rule.Column is null ? OfPlace(rule, steps) : OfKey(rule, rule.Column, steps);
        // Rows without a key are hashed as no bytes.
        var missing = MurmurHash3.Hash32([], rule.Seed);
        var part = steps.Add(
            $"COALESCE({hash.Text}, {missing}) * 1000 {(_dialect == SqlDialect.DuckDb ? "//" : "/")} {HashRange}", hash);
        return ($"{part.Text} >= {rule.FromPerMille} AND {part.Text} < {rule.ToPerMille}", part);
    }

    SqlValue OfPlace(HashRule rule, SqlSteps steps)
    {
        var splits = subset.Source.Splits.Count;
        string[] seeds = [.. Enumerable.Range(0, splits).Select(index => $"{MurmurHash3.Hash32(index, rule.Seed)}")];
        string[] borders = [.. Enumerable.Range(1, splits - 1).Select(index => $"{index}")];
        var seed = steps.Load($"CAST({SqlText.Search(SqlPlace.Split, borders, seeds)} AS BIGINT)");
        // Of rows that a filter has left, the place is that among them.
        var row = steps.Load(subset.Source is ISqlSource
            ? SqlPlace.Row
            : $"ROW_NUMBER() OVER (PARTITION BY {SqlPlace.Split} ORDER BY {SqlPlace.Row}) - 1");
        return new SqlHashing(steps, _dialect).OfInteger(row, seed);
    }

    SqlValue OfKey(HashRule rule, string column, SqlSteps steps)
    {
        var hashing = new SqlHashing(steps, _dialect);
        var key = new ColumnExpr(column);
        var expressions = new SqlExpressions(subset.Schema, steps, _dialect);
        switch (subset.Schema[column].Type)
        {
            case DataType.Text:
                return hashing.OfText(expressions.Of(key), rule.Seed);
            case DataType.Int64:
                return hashing.OfInteger(expressions.IntegerOf(key), Seed());
            case DataType.Timestamp:
                return hashing.OfInteger(new SqlTimes(steps, _dialect).MicrosecondsOf(key, expressions.Of(key)), Seed());
            case DataType.Boolean:
                var truth = expressions.Of(key);
                return steps.Add(
                    $"CASE WHEN {truth.Text} THEN CAST({MurmurHash3.Hash32([1], rule.Seed)} AS BIGINT) " +
                    $"WHEN NOT {truth.Text} THEN CAST({MurmurHash3.Hash32([0], rule.Seed)} AS BIGINT) END",
                    truth);
            default:
                throw new PushdownException(
                    $"column '{column}'",
                    "rows are held out by it (validation.key), and the bits of a number are not at hand in a database; name a " +
                        "column of integers, texts, times or truths.");
        }

        SqlValue Seed() => steps.Load(string.Create(CultureInfo.InvariantCulture, $"CAST({rule.Seed} AS BIGINT)"));
    }
}
