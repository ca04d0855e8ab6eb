using System.Collections.Concurrent;
using System.Globalization;
using Capstan.Data;
using Capstan.Features.Tests.Parity;

namespace Capstan.Features.Tests.Sql;

/// <summary>What a database answers to the compiled query is what the row reference says, for random expressions over edge values.</summary>
public sealed class SqlParityLaws(ITestOutputHelper output)
{
    const int Rounds = 480;
    const int FeaturesPerRound = 80;
    const int RowsPerRound = 40;
    const int LeastCases = 10_000;

    /// <summary>
    /// Each case is an expression over a batch of rows. Expressions over log, exp, sin and cos are held to the same bits as the
    /// others: on one machine both sides call the same C library. The bound that holds everywhere has a test of its own.
    /// </summary>
    [Fact]
    public void DuckDb_and_the_reference_agree_to_the_bit() => Agree(SqlDialect.DuckDb, rows => new DuckDbTable(rows));

    [Fact]
    public void PostgreSql_and_the_reference_agree_to_the_bit()
    {
        _ = PostgreSqlServer.Shared; // or skip
        Agree(SqlDialect.PostgreSql, rows => new PostgreSqlTable(rows));
    }

    void Agree(SqlDialect dialect, Func<ColumnBatch, SqlTable> tableOf)
    {
        var refused = new ConcurrentDictionary<string, int>();
        var (cases, values) = (0, 0L);
        Parallel.For(0, Rounds, seed =>
        {
            var generator = new ExprGenerator(seed);
            Expr[] expressions = [.. Enumerable.Range(0, FeaturesPerRound).Select(_ => generator.Feature())];
            var rows = generator.Rows(RowsPerRound);
            using var table = tableOf(rows);
            foreach (var group in Written(expressions, dialect, refused).Chunk(10))
            {
                Compare(table, dialect, group, rows, seed);
                Interlocked.Add(ref cases, group.Length);
                Interlocked.Add(ref values, group.Length * rows.RowCount);
            }
        });
        output.WriteLine($"{dialect}: {cases:N0} expression × batch cases, {values:N0} values agree; refused: " +
            string.Join(", ", refused.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value:N0}")));
        Assert.True(cases >= LeastCases, $"only {cases} cases could be compared");
    }

    /// <summary>The expressions that the dialect has; those that it refuses are counted by the kind of the part refused.</summary>
    static IEnumerable<Expr> Written(IEnumerable<Expr> expressions, SqlDialect dialect, ConcurrentDictionary<string, int> refused)
    {
        foreach (var expr in expressions)
        {
            try
            {
                _ = SqlCompiler.Compile(new FrozenTransform(ExprGenerator.Schema, [("f", expr)]), dialect, "rows");
            }
            catch (SqlNotSupportedException refusal)
            {
                refused.AddOrUpdate(refusal.Expression.GetType().Name, 1, (_, count) => count + 1);
                continue;
            }

            yield return expr;
        }
    }

    static void Compare(SqlTable table, SqlDialect dialect, Expr[] expressions, ColumnBatch rows, int seed)
    {
        var transform = new FrozenTransform(ExprGenerator.Schema, [.. expressions.Select((expr, index) => ($"f{index}", expr))]);
        var sql = SqlCompiler.Compile(transform, dialect, "rows");
        List<object?[]> found;
        try
        {
            found = table.Query(sql);
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"seed {seed}: {failure.Message}\n{string.Join("\n", expressions.Select(each => each.ToString()))}\n{sql}", failure);
        }

        Assert.Equal(rows.RowCount, found.Count);
        for (var row = 0; row < rows.RowCount; row++)
        {
            for (var index = 0; index < expressions.Length; index++)
            {
                var expected = AsResult(RowReference.Evaluate(expressions[index], rows, row));
                Assert.True(
                    Equals(Bits(expected), Bits(found[row][index])),
                    string.Create(CultureInfo.InvariantCulture, $"seed {seed}, row {row}: {expressions[index]}\n reference {expected ?? "missing"}, SQL {found[row][index] ?? "NULL"}\n ") +
                    string.Join(", ", rows.Schema.Names.Select(column => $"{column}={rows[column].ValueAt(row) ?? "missing"}")));
            }
        }
    }

    static object? AsResult(object? value) => value is bool truth ? truth ? 1.0 : 0.0 : value;

    static object? Bits(object? value) => value is double number ? BitConverter.DoubleToInt64Bits(number) : value;
}
