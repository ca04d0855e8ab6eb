using System.CommandLine;
using Capstan.Cluster;
using Capstan.Data;

namespace Capstan.Cli;

/// <summary>
/// <c>capstan describe</c>: the columns of data files and what they hold, in one pass; or two data sets side by side.
/// </summary>
sealed class DescribeCommand : CapstanCommand
{
    readonly Argument<string[]> _files = DataOptions.Files();
    readonly DataOptions _data = new();
    readonly Option<int?> _threads = ThreadsOption.Create();
    readonly DataWorkersOptions _workers = new();
    readonly Option<string?> _html = new("--html")
    {
        Description = "Also write a page with histograms: one file that loads nothing from anywhere.", HelpName = "FILE",
    };

    readonly Option<string[]> _compare = new("--compare")
    {
        Description = "Other data, to put beside the first: differences and distances of every column.", HelpName = "FILES",
        AllowMultipleArgumentsPerToken = true,
    };

    readonly Option<bool> _associations = new("--associations")
    {
        Description = "Also say how columns go together, of the first 20 numbers and 20 categories; one more reading.",
    };

    readonly Option<string?> _label = new("--label")
    {
        Description = "Also say what categories' values mean for a column; implies --associations.", HelpName = "COLUMN",
    };

    readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace the page if there is one." };

    public DescribeCommand()
        : base(
            "describe", "Show the columns of data files, their types and what they hold.",
            new Example("capstan describe trips.csv", "a table with a line for each column"),
            new Example("capstan describe trips.csv --html trips.html", "also a page with histograms"),
            new Example("capstan describe january.csv --compare june.csv", "what has moved, and how far"),
            new Example("capstan describe trips.csv --label fare_amount", "what goes with what, and with the label"),
            new Example(
                "capstan describe 'logs/*.parquet' --where 'fare > 0' --json", "all statistics, of some rows, for programs"))
    {
        Arguments.Add(_files);
        foreach (var option in new Option[] { _html, _compare, _associations, _label, _overwrite })
        {
            Options.Add(option);
        }

        _data.AddTo(this);
        Options.Add(_threads);
        _workers.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var (page, label) = (line.GetValue(_html), line.GetValue(_label));
        var relates = label is not null || line.GetValue(_associations);
        if (relates && line.GetValue(_compare) is { Length: > 0 })
        {
            throw new UsageException(
                "--compare puts two data sets side by side and has no --associations; ask for each in a command of its own.");
        }

        if (page is not null)
        {
            WholeFile.CheckFree(page, line.GetValue(_overwrite));
        }

        var dataset = _data.Dataset(line, line.GetRequiredValue(_files));
        var threads = ThreadsOption.Of(line, _threads);
        var first = _workers.CountOf(line) is { } workers
            ? await AskAsync(new DataOnCluster(_workers, workers, line, session), line, dataset, cancellationToken)
            : await DescribedData.ReadAsync(session, "reading", dataset, threads, cancellationToken);
        var second = line.GetValue(_compare) is { Length: > 0 } files
            ? await DescribedData.ReadAsync(session, "reading others", _data.Dataset(line, files), threads, cancellationToken)
            : null;
        var associations = relates
            ? (await Reading.RunAsync(
                session, "relating", _data.DatasetForALook(line, line.GetRequiredValue(_files)),
                watched => watched.AssociationsAsync(label, cancellationToken))).Result
            : null;
        if (page is not null)
        {
            var html = second is null
                ? DataReport.Html(first.Name, first.Statistics, associations, label)
                : DataReport.Html(first.Name, first.Statistics, second.Name, second.Statistics);
            await WholeFile.WriteAsync(page, html, cancellationToken);
        }

        if (second is null)
        {
            Write(session, first, associations, label, page);
        }
        else
        {
            Write(session, first, second, page);
        }

        return ExitCodes.Ok;
    }

    Task<DescribedData> AskAsync(DataOnCluster cluster, ParseResult line, Dataset dataset, CancellationToken cancellationToken)
    {
        DataWorkersOptions.Refuse(line, _compare, _associations, _label);
        var order = _data.Order(line, DataAction.Describe, line.GetRequiredValue(_files)) with { Threads = line.GetValue(_threads) ?? 1 };
        return cluster.AskAsync(
            order, async answers => DescribedData.Of(
                dataset, await answers.StatisticsAsync(cancellationToken), answers.Rows.BadRows.Count), cancellationToken);
    }

    static void Write(CommandSession session, DescribedData data, TableAssociations? associations, string? label, string? page)
    {
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteNumber("rows", data.Statistics.RowCount);
                json.WriteNumber("rowsLeftOut", data.RowsLeftOut);
                StatisticsJson.Write(json, data.Statistics);
                if (associations is not null)
                {
                    AssociationResult.Write(json, associations, label);
                }
            });
            return;
        }

        session.Terminal.Output.WriteLine(data.Size);
        DescriptionText.Write(session, data.Statistics);
        if (associations is not null)
        {
            AssociationResult.Write(session, associations, label);
        }

        TellPage(session, page);
    }

    static void Write(CommandSession session, DescribedData first, DescribedData second, string? page)
    {
        var columns = TableComparison.Of(first.Statistics, second.Statistics);
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteNumber("rows", first.Statistics.RowCount);
                json.WriteNumber("rowsLeftOut", first.RowsLeftOut);
                json.WriteNumber("otherRows", second.Statistics.RowCount);
                json.WriteNumber("otherRowsLeftOut", second.RowsLeftOut);
                ComparisonJson.Write(json, columns);
            });
            return;
        }

        session.Terminal.Output.WriteLine($"{first.Name}: {first.Size}");
        session.Terminal.Output.WriteLine($"{second.Name}: {second.Size}");
        DescriptionText.Write(session, columns);
        TellPage(session, page);
    }

    static void TellPage(CommandSession session, string? page)
    {
        if (page is not null)
        {
            session.Remark($"{page} shows it with histograms, in any browser.");
        }
    }

    /// <summary>Data that has been read.</summary>
    sealed record DescribedData(string Name, TableStatistics Statistics, long RowsLeftOut)
    {
        public string Size =>
            $"{ResultTable.Count(Statistics.RowCount)} rows, {Statistics.Columns.Length} columns{Reading.Remainder(RowsLeftOut)}";

        public static async Task<DescribedData> ReadAsync(
            CommandSession session, string stage, Dataset dataset, int threads, CancellationToken cancellationToken)
        {
            var (statistics, leftOut) = await Reading.RunAsync(
                session, stage, dataset, watched => watched.DescribeAsync(threads, cancellationToken));
            return Of(dataset, statistics, leftOut.Count);
        }

        public static DescribedData Of(Dataset dataset, TableStatistics statistics, long rowsLeftOut)
        {
            var more = dataset.Names.Count == 1 ? "" : $" and {dataset.Names.Count - 1} more";
            return new DescribedData($"{Path.GetFileName(dataset.Names[0])}{more}", statistics, rowsLeftOut);
        }
    }
}
