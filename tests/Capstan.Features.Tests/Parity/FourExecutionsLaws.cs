using Capstan.Data;
using Capstan.Features.Tests.Onnx;
using Capstan.Features.Tests.Sql;

namespace Capstan.Features.Tests.Parity;

/// <summary>
/// One expression, four executions: the row reference says what generated expressions mean over generated rows with edge values, and the engine,
/// SQL and ONNX say the same, or refuse by name.
/// </summary>
public sealed class FourExecutionsLaws(ITestOutputHelper output)
{
    const int Rounds = 215;
    const int ExpressionsPerRound = 50;
    const int RowsPerRound = 40;
    const int LeastCases = 10_000;

    static Execution[] Executions() =>
    [
        new EngineExecution(),
        new SqlExecution(SqlDialect.DuckDb, rows => new DuckDbTable(rows)),
        .. PostgreSqlServer.IsInstalled ? [new SqlExecution(SqlDialect.PostgreSql, rows => new PostgreSqlTable(rows))] : Array.Empty<Execution>(),
        new OnnxExecution(),
    ];

    [Fact]
    public void Every_execution_gives_what_the_reference_gives()
    {
        ParityCount[] counts = [.. Executions().Select(execution => new ParityCount(execution))];
        var everywhere = 0;
        Parallel.For(0, Rounds, seed =>
        {
            var generator = new ExprGenerator(seed);
            Expr[] expressions = [.. Enumerable.Range(0, ExpressionsPerRound).Select(index => generator.Feature(index % 8 == 0 ? 4 : 2 + index % 2)).Distinct()];
            var rows = generator.Rows(RowsPerRound);
            var expected = expressions.ToDictionary(
                expr => expr, expr => Enumerable.Range(0, rows.RowCount).Select(row => ValueOf(RowReference.Evaluate(expr, rows, row))).ToArray());
            var common = expressions.ToHashSet();
            foreach (var count in counts)
            {
                var written = Written(count, expressions);
                Compare(count, written, rows, expected, seed);
                common.IntersectWith(written);
            }

            Interlocked.Add(ref everywhere, common.Count);
        });
        foreach (var count in counts)
        {
            output.WriteLine(count.ToString());
        }

        output.WriteLine($"{everywhere:N0} cases in all of them.");
        Assert.True(counts[0].Cases >= LeastCases, $"{counts[0].Cases:N0} cases are too few.");
        Assert.All(counts, count => Assert.True(count.Cases > counts[0].Cases / 4, $"{count.Execution.Name} refuses too much to say anything."));
        // A last place seldom shows behind further steps, and may turn a floor or comparison; a wrong operator would show everywhere.
        Assert.All(counts, count => Assert.True(count.CountedShare < 0.2, $"{count.Execution.Name}: {count.CountedShare:P1} differ."));
    }

    static Expr[] Written(ParityCount count, Expr[] expressions)
    {
        var written = new List<Expr>();
        foreach (var expr in expressions)
        {
            if (count.Execution.Refuses(expr) is { } part)
            {
                count.Refuse(part);
            }
            else
            {
                written.Add(expr);
            }
        }

        return [.. written];
    }

    static void Compare(ParityCount count, Expr[] expressions, ColumnBatch rows, Dictionary<Expr, object?[]> expected, int seed)
    {
        var found = count.Execution.Run(expressions, rows);
        for (var index = 0; index < expressions.Length; index++)
        {
            var (expr, values, differences) = (expressions[index], expected[expressions[index]], new long[rows.RowCount]);
            var bound = count.Execution.BoundOf(expr);
            for (var row = 0; row < rows.RowCount; row++)
            {
                differences[row] = Closeness.UnitsBetween(values[row], found[index][row]);
                Assert.True(
                    bound?.Allows(values[row], found[index][row]) ?? true,
                    $"seed {seed}, row {row}: {expr}\n reference {values[row] ?? "missing"}, {count.Execution.Name} {found[index][row] ?? "missing"}, " +
                    $"{differences[row]} units apart\n {string.Join(", ", rows.Schema.Names.Select(column => $"{column}={rows[column].ValueAt(row) ?? "missing"}"))}");
            }

            count.Add(bound, differences);
        }
    }

    static object? ValueOf(object? value) => value switch
    {
        bool truth => truth ? 1.0 : 0.0,
        int category => (long)category,
        _ => value,
    };
}
