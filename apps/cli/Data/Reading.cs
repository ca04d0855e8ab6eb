using Capstan.Data.DuckDb;

namespace Capstan.Cli;

/// <summary>A reading of data with its rows counted on a progress bar, and a word on the rows that it left out.</summary>
static class Reading
{
    /// <param name="name">What the bar says.</param>
    /// <param name="work">Given the data to read instead: the same rows, watched.</param>
    public static async Task<(TResult Result, BadRowReport LeftOut)> RunAsync<TResult>(
        CommandSession session, string name, Dataset dataset, Func<Dataset, Task<TResult>> work)
    {
        var (result, leftOut) = await session.WithProgressAsync(async progress =>
        {
            // The bar begins with the first rows: only then is it known how many there are.
            IWorkStage? stage = null;
            var watched = dataset.Watched((rows, total) => (stage ??= progress.Start(name, total, "rows")).Advance(rows));
            try
            {
                var outcome = await work(watched);
                stage?.Complete();
                return (outcome, watched.BadRows);
            }
            finally
            {
                stage?.Dispose();
            }
        });
        Report(session, leftOut);
        return (result, leftOut);
    }

    /// <summary>The end of a sentence about rows; empty where none was left out.</summary>
    public static string Remainder(long leftOut) => leftOut switch
    {
        0 => "",
        1 => "; 1 broken row left out",
        _ => $"; {ResultTable.Count(leftOut)} broken rows left out",
    };

    /// <summary>Says which rows were left out, and which values made missing. Not even --quiet hides it.</summary>
    public static void Report(CommandSession session, BadRowReport leftOut)
    {
        if (leftOut.Count > 0 || leftOut.MadeMissing.Length > 0)
        {
            session.Terminal.Error.WriteLine(leftOut);
        }
    }
}
