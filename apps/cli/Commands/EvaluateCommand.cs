using System.CommandLine;
using Capstan.Cluster;
using Capstan.Data;
using Capstan.Training;

namespace Capstan.Cli;

/// <summary><c>capstan evaluate</c>: how good a model is on other rows, from all sides.</summary>
sealed class EvaluateCommand : CapstanCommand
{
    readonly Argument<string> _model = new("MODEL") { Description = "A model's folder." };
    readonly Argument<string[]> _files = DataOptions.Files();
    readonly DataOptions _data = new();
    readonly Option<string[]> _slices = new("--slice")
    {
        Description = "Also by the values of a column or an expression; may be said again. Numbers are cut by quantiles.",
        HelpName = "COLUMN",
    };

    readonly Option<string[]> _against = new("--against")
    {
        Description = "Another model's folder: compared on the same rows, with significance; may be said again.",
        HelpName = "MODEL2",
    };

    readonly Option<double[]> _thresholds = new("--threshold")
    {
        Description = "A classifier's confusion matrix with probabilities above it called positive; may be said again.",
        HelpName = "P",
    };

    readonly Option<int> _replicates = new("--replicates")
    {
        Description = "How often the rows are drawn again for the confidence intervals; 0 for none.", HelpName = "N",
        DefaultValueFactory = _ => new BootstrapOptions().Replicates,
    };

    readonly Option<string?> _html = new("--html")
    {
        Description = "Also write a page with plots: one file that loads nothing from anywhere.", HelpName = "FILE",
    };

    readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace the page if there is one." };
    readonly Option<int?> _threads = ThreadsOption.Create();
    readonly DataWorkersOptions _workers = new();

    public EvaluateCommand()
        : base(
            "evaluate", "Compare a model's predictions with the labels of some rows.",
            new Example("capstan evaluate models/trips june.csv", "metrics with confidence intervals"),
            new Example("capstan evaluate models/trips june.csv --slice vendor_id --html june.html",
                "by vendor, too, and as a page with plots"),
            new Example("capstan evaluate models/new june.csv --against models/old",
                "two models on the same rows, with significance"),
            new Example(
                "capstan evaluate models/trips june.csv --where 'trip_distance > 5' --json", "on some rows, for programs"))
    {
        Arguments.Add(_model);
        Arguments.Add(_files);
        foreach (var option in new Option[] { _slices, _against, _thresholds, _replicates, _html, _overwrite })
        {
            Options.Add(option);
        }

        _thresholds.Validators.Add(result =>
        {
            foreach (var wrong in result.GetValueOrDefault<double[]>().Where(threshold => threshold is not (>= 0 and <= 1)))
            {
                result.AddError($"--threshold is {wrong}; expected a probability from 0 to 1.");
            }
        });
        _replicates.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is not (0 or (>= 20 and <= 100_000)))
            {
                result.AddError($"--replicates is {result.GetValueOrDefault<int>()}; expected 0, or 20 to 100000.");
            }
        });
        _data.AddTo(this);
        Options.Add(_threads);
        _workers.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var page = line.GetValue(_html);
        if (page is not null)
        {
            WholeFile.CheckFree(page, line.GetValue(_overwrite));
        }

        var model = TrainedModel.Load(line.GetRequiredValue(_model));
        var options = OptionsOf(line);
        var dataset = _data.Dataset(line, line.GetRequiredValue(_files));
        var (report, leftOut) = _workers.CountOf(line) is { } workers
            ? await new DataOnCluster(_workers, workers, line, session).AskAsync(
                OrderOf(line), async answers => (await answers.EvaluationAsync(options, cancellationToken), answers.Rows.BadRows), cancellationToken)
            : await Reading.RunAsync(
                session, "evaluating", dataset, watched => model.EvaluateAsync(watched, options, cancellationToken));
        if (report.Overall.RowCount == 0)
        {
            throw new UnreadableDataException(
                string.Join(", ", dataset.Names),
                "no row with a label is left to evaluate; look at the label's column, the pipeline's filter and --where.");
        }

        if (page is not null)
        {
            await WholeFile.WriteAsync(page, report.ToHtml(), cancellationToken);
        }

        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteString("model", model.Name);
                json.WriteString("hash", model.Hash.ToString());
                json.WriteNumber("rowsLeftOut", leftOut.Count);
                EvaluationReportJson.Write(json, report);
            });
            return ExitCodes.Ok;
        }

        EvaluationReportText.Write(session, report);
        if (page is not null)
        {
            session.Remark($"{page} shows it with plots, in any browser.");
        }

        return ExitCodes.Ok;
    }

    /// <summary>The same work for the members of a cluster.</summary>
    DataOrder OrderOf(ParseResult line) => _data.Order(line, DataAction.Evaluate, line.GetRequiredValue(_files)) with
    {
        Model = Path.GetFullPath(line.GetRequiredValue(_model)),
        Slices = [.. line.GetValue(_slices) ?? []],
        Against = [.. (line.GetValue(_against) ?? []).Select(Path.GetFullPath)],
        Threads = line.GetValue(_threads) ?? 1,
    };

    EvaluationOptions OptionsOf(ParseResult line)
    {
        var options = new EvaluationOptions
        {
            Slices = line.GetValue(_slices) ?? [], Threads = ThreadsOption.Of(line, _threads),
            Against = [.. (line.GetValue(_against) ?? []).Select(TrainedModel.Load)],
            Bootstrap = new BootstrapOptions { Replicates = line.GetValue(_replicates) },
        };
        return line.GetValue(_thresholds) is { Length: > 0 } thresholds ? options with { Thresholds = thresholds } : options;
    }
}
