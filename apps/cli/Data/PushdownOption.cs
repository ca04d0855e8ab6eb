using System.CommandLine;

namespace Capstan.Cli;

/// <summary>Whether a database computes what is needed of its rows, and a word on what ran where.</summary>
static class PushdownOption
{
    public static Option<bool> Create() => new("--pushdown")
    {
        Description = "The database computes where the rows are: PostgreSQL on its tables, DuckDB on Parquet files. What it " +
            "can't compute exactly as here " +
            "is refused by name.",
    };

    /// <exception cref="UsageException">The line asks for kept analyses, too.</exception>
    public static void Check(bool pushdown, string? analyses)
    {
        if (pushdown && analyses is not null)
        {
            throw new UsageException("--analyses keeps what is found out of rows that are read here; with --pushdown none are " +
                "read for it. Leave one out.");
        }
    }

    /// <param name="transform">Where features are computed.</param>
    public static void Tell(CommandSession session, TrainingReport.Analysed? analysed, string transform)
    {
        if (analysed is { Database: var database, Analyses: var analyses, Queries: var queries })
        {
            var count = ResultTable.Count(analyses);
            session.Remark(
                $"Analysis: {count} of {count} in {database} ({ResultTable.Count(queries)} {(queries == 1 ? "query" : "queries")}), 0 rows read; transform: {transform}.");
        }
    }
}
