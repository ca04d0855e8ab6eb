using Capstan.Data;
using Capstan.Features.Tests.Parity;

namespace Capstan.Features.Tests.Sql;

/// <summary>A vector is a column for each of its terms, with the reference's bits.</summary>
public sealed class SqlVectorLaws
{
    const int Seeds = 8;

    [Fact]
    public void DuckDb_gives_the_numbers_of_the_reference() => Agrees(SqlDialect.DuckDb, rows => new DuckDbTable(rows));

    [Fact]
    public void PostgreSql_gives_the_numbers_of_the_reference() => Agrees(SqlDialect.PostgreSql, rows => new PostgreSqlTable(rows));

    static void Agrees(SqlDialect dialect, Func<ColumnBatch, SqlTable> tableOf)
    {
        for (var (seed, compared) = (0, 0); compared < Seeds; seed++)
        {
            var generator = new ExprGenerator(seed);
            var (vector, rows) = ((TermVectorExpr)generator.Vector(2), generator.Rows(40));
            var terms = ((FixedVectorTerms)vector.Terms).Values;
            var transform = new FrozenTransform(ExprGenerator.Schema, [("v", vector)]);
            string sql;
            try
            {
                sql = SqlCompiler.Compile(transform, dialect, "rows");
            }
            catch (SqlNotSupportedException refusal) when (refusal.Message.Contains("patterns") || refusal.Message.Contains("normal forms"))
            {
                continue;
            }

            compared++;
            Assert.All(terms, term => Assert.Contains(SqlText.Identifier($"v[{term}]"), sql));
            using var table = tableOf(rows);
            var found = table.Query(sql);
            for (var row = 0; row < rows.RowCount; row++)
            {
                var expected = (ValueList<double>?)RowReference.Evaluate(vector, rows, row);
                Assert.Equal(
                    terms.Select((_, index) => expected is null || !double.IsFinite(expected[index]) ? null : (object)expected[index]), found[row],
                    (mine, theirs) => mine is null ? theirs is null : theirs is double number && BitConverter.DoubleToInt64Bits(number) == BitConverter.DoubleToInt64Bits((double)mine));
            }
        }
    }
}
