using System.CommandLine;
using Capstan.Data;

namespace Capstan.Cli;

/// <summary>
/// Where a command writes a row for every row that it reads: a file or a table that <c>--out</c> names, or the terminal as CSV
/// once all are known; with raw columns that <c>--keep</c> puts first.
/// </summary>
/// <param name="noun">What the rows are, in the plural: predictions.</param>
sealed class RowOutput(string noun)
{
    readonly Option<string?> _out = new("--out", "-o")
    {
        Description =
            $"A .csv, .jsonl, .parquet or .arrow file for the {noun}; without it they are printed as CSV, once all are known.",
        HelpName = "FILE",
    };

    readonly Option<string?> _keep = new("--keep", "-k")
    {
        Description = $"Raw columns to write before each {noun[..^1]}, with commas between.", HelpName = "COLUMNS",
    };

    readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace the file if there is one." };

    public void AddTo(Command command)
    {
        command.Options.Add(_out);
        command.Options.Add(_keep);
        command.Options.Add(_overwrite);
    }

    public string[] Keep(ParseResult line) =>
        line.GetValue(_keep)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>Null: the terminal.</summary>
    public string? PathOf(ParseResult line) => line.GetValue(_out);

    /// <summary>What can be known before the first row is read.</summary>
    /// <exception cref="UsageException">Nothing can be written there, or it would replace something.</exception>
    public void Check(ParseResult line, bool json)
    {
        if (line.GetValue(_out) is not { } path)
        {
            if (json)
            {
                throw new UsageException($"--json tells about a file of {noun}; say --out FILE.jsonl for {noun} as JSON lines.");
            }

            return;
        }

        if (!RowSinks.CanWrite(path))
        {
            throw new UsageException($"--out was given '{path}', expected {RowSinks.Places}.");
        }

        if (Path.Exists(path) && !line.GetValue(_overwrite))
        {
            throw new UsageException($"'{path}' exists already. Choose another file with --out, or say --overwrite.");
        }
    }

    /// <summary>Reads the data, writes the rows that become of it, and tells.</summary>
    /// <param name="stage">What the progress bar says: predicting.</param>
    /// <param name="rows">The rows to write; each batch is valid until the next is asked for.</param>
    /// <param name="narrow">Columns that are single-precision floats.</param>
    public async Task RunAsync(
        ParseResult line, CommandSession session, string stage, TrainedModel model, Dataset dataset,
        Func<Dataset, IAsyncEnumerable<ColumnBatch>> rows, IReadOnlySet<string> narrow, CancellationToken cancellationToken)
    {
        Task<(long Count, Capstan.Data.DuckDb.BadRowReport LeftOut)> WriteTo(string path) => Reading.RunAsync(
            session, stage, dataset, watched => WriteAsync(watched, rows(watched), path, narrow, cancellationToken));
        if (line.GetValue(_out) is { } path)
        {
            var (count, leftOut) = await WriteTo(path);
            Tell(session, model, RowSinks.NameOf(path), count, leftOut.Count);
            return;
        }

        await PrintAsync(session, WriteTo, cancellationToken);
    }

    /// <summary>Prints rows that others have made.</summary>
    /// <param name="dataset">Whose rows they became of.</param>
    /// <returns>The number of rows.</returns>
    public Task<long> PrintAsync(
        CommandSession session, Dataset dataset, IAsyncEnumerable<ColumnBatch> rows, IReadOnlySet<string> narrow,
        CancellationToken cancellationToken) =>
        PrintAsync(session, path => WriteAsync(dataset, rows, path, narrow, cancellationToken), cancellationToken);

    /// <summary>Only once all rows are known is one printed.</summary>
    async Task<TResult> PrintAsync<TResult>(CommandSession session, Func<string, Task<TResult>> writeTo, CancellationToken cancellationToken)
    {
        var target = Path.Combine(Path.GetTempPath(), $"capstan-{noun}-{Guid.NewGuid():N}.csv");
        try
        {
            var result = await writeTo(target);
            await PrintAsync(target, session.Terminal.Output, cancellationToken);
            return result;
        }
        finally
        {
            if (File.Exists(target))
            {
                File.Delete(target);
            }
        }
    }

    static async Task<long> WriteAsync(
        Dataset dataset, IAsyncEnumerable<ColumnBatch> rows, string path, IReadOnlySet<string> narrow,
        CancellationToken cancellationToken)
    {
        var count = 0L;
        IBatchSink? sink = null;
        try
        {
            await foreach (var batch in rows.WithCancellation(cancellationToken))
            {
                sink ??= RowSinks.Create(path, batch.Schema, narrow);
                await sink.WriteAsync(batch, cancellationToken);
                count += batch.RowCount;
            }

            await (sink ?? throw NothingLeft(dataset)).CompleteAsync(cancellationToken);
        }
        finally
        {
            if (sink is not null)
            {
                await sink.DisposeAsync();
            }
        }

        return count;
    }

    static UnreadableDataException NothingLeft(Dataset dataset) =>
        new(string.Join(", ", dataset.Names), "no row is left to predict; look at --where.");

    static async Task PrintAsync(string path, TextWriter output, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(path);
        var buffer = new char[1 << 16];
        while (await reader.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            await output.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }

    public void Tell(CommandSession session, TrainedModel model, string path, long rows, long leftOut)
    {
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteString("model", model.Name);
                json.WriteString("hash", model.Hash.ToString());
                json.WriteString("path", path);
                json.WriteNumber("rows", rows);
                json.WriteNumber("rowsLeftOut", leftOut);
            });
            return;
        }

        session.Terminal.Output.WriteLine(
            $"{path}: {ResultTable.Count(rows)} {noun} by {model.Name} ({model.Hash.Short}){Reading.Remainder(leftOut)}");
    }
}
