using System.Collections;
using Capstan.Data;

namespace Capstan.Features.Tests.Sql;

/// <summary>What the analysis queries find is what the engine's own pass finds.</summary>
public sealed class SqlAnalysesTests
{
    static readonly string[] Words = ["a", "B", "b", "é", "𝄞", "ﬀ", ""];

    static ColumnBatch Sample(int count)
    {
        var random = new Random(11);
        return Rows.Of(
            Rows.Numbers("x", [.. Enumerable.Range(0, count).Select(_ => random.Next(9) == 0 ? null : (object)(random.NextDouble() * 40 - 7))]),
            Rows.Integers("n", [.. Enumerable.Range(0, count).Select(_ => (object)random.Next(12))]),
            Rows.Texts("word", [.. Enumerable.Range(0, count).Select(_ => random.Next(5) == 0 ? null : Words[random.Next(Words.Length)])]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public Task DuckDb_finds_the_constants_that_the_engine_finds(int count) =>
        FindsAsync(count, SqlDialect.DuckDb, rows => new DuckDbTable(rows));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public Task PostgreSql_finds_the_constants_that_the_engine_finds(int count) =>
        FindsAsync(count, SqlDialect.PostgreSql, rows => new PostgreSqlTable(rows));

    static async Task FindsAsync(int count, SqlDialect dialect, Func<ColumnBatch, SqlTable> tableOf)
    {
        var rows = Sample(count);
        string[] statistics = ["mean(x * 2)", "stddev(x)", "minimum(x)", "maximum(n)", "range(x)", "quantile(x, 0.3)", "median(n)", "quantile(x, 0)", "quantile(x, 1)"];
        var graph = new TransformGraph(rows.Schema);
        foreach (var text in statistics.Append("bucketize(x, 8)").Append("vocabulary(word, max_size: 5)").Append("vocabulary(n, max_size: 100, min_count: 3)")
            .Append("vocabulary(round(x * 2) / 4, max_size: 50)"))
        {
            graph[text] = ExprParser.Parse(text);
        }

        var frozen = (await graph.FitAsync(new MemorySource(rows.Schema, [rows]), null, null, null, TestContext.Current.CancellationToken)).Features;
        using var table = tableOf(rows);
        var analyses = SqlCompiler.Analyse(graph, dialect, "rows");
        Assert.Equal(4, analyses.Count);
        var found = Assert.Single(table.Query(analyses[0].Query));
        for (var index = 0; index < statistics.Length; index++)
        {
            var expected = ((NumberExpr)frozen[index].Expr).Value;
            // Sums differ in their order; all else is picked from the values.
            var tolerance = statistics[index].StartsWith("mean", StringComparison.Ordinal) || statistics[index].StartsWith("stddev", StringComparison.Ordinal) ? 1e-12 : 0;
            Assert.InRange((double)found[index]!, expected - tolerance * Math.Abs(expected), expected + tolerance * Math.Abs(expected));
        }

        var boundaries = ((FixedBoundaries)((BucketizeExpr)frozen[statistics.Length].Expr).Boundaries).Values;
        Assert.Equal(boundaries, ((IEnumerable?)found[statistics.Length] ?? Array.Empty<double>()).Cast<double>().Distinct());
        for (var index = 1; index < analyses.Count; index++)
        {
            var terms = ((FixedTerms)((VocabularyExpr)frozen[statistics.Length + index].Expr).Terms).Values;
            Assert.Equal(terms, table.Query(analyses[index].Query).Select(row => (string)row[0]!));
        }
    }

    [Theory]
    [InlineData("mean(x / stddev(x))", SqlDialect.DuckDb, "another statistic")]
    [InlineData("vocabulary(word)", SqlDialect.Ansi, "order of texts")]
    [InlineData("bucketize(x, 4)", SqlDialect.Ansi, "percentiles")]
    public void What_a_dialect_can_not_find_exactly_is_refused_by_name(string text, SqlDialect dialect, string why)
    {
        var graph = new TransformGraph(Sample(0).Schema) { ["f"] = ExprParser.Parse(text) };
        Assert.Contains(why, Assert.Throws<SqlNotSupportedException>(() => SqlCompiler.Analyse(graph, dialect, "rows")).Message);
    }

    [Fact]
    public void A_graph_that_needs_no_analysis_has_no_query() =>
        Assert.Empty(SqlCompiler.Analyse(new TransformGraph(Sample(0).Schema) { ["f"] = ExprParser.Parse("x + 1") }, SqlDialect.DuckDb, "rows"));
}
