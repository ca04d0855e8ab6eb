using System.CommandLine;
using System.Text.Json;
using Capstan.Data;
using Capstan.Data.DuckDb;

namespace Capstan.Cli;

/// <summary><c>capstan describe</c>: the columns of data files and what they hold, in one pass.</summary>
sealed class DescribeCommand : CapstanCommand
{
    const int TopShown = 3;
    const int TopInJson = 20;

    static readonly double[] Shares = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

    readonly Argument<string[]> _files = DataOptions.Files();
    readonly DataOptions _data = new();
    readonly Option<int?> _threads = ThreadsOption.Create();

    public DescribeCommand()
        : base(
            "describe", "Show the columns of data files, their types and what they hold.",
            new Example("capstan describe trips.csv", "a table with a line for each column"),
            new Example(
                "capstan describe 'logs/*.parquet' --where 'fare > 0' --json", "all statistics, of some rows, for programs"))
    {
        Arguments.Add(_files);
        _data.AddTo(this);
        Options.Add(_threads);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var dataset = _data.Dataset(line, line.GetRequiredValue(_files));
        var (statistics, leftOut) = await Reading.RunAsync(session, "reading", dataset, async watched =>
        {
            var source = await watched.OpenAsync(cancellationToken);
            return await TableStatistics.OfAsync(
                source, [.. source.Schema.Names], ThreadsOption.Of(line, _threads), null, cancellationToken);
        });
        if (session.Json)
        {
            session.WriteJson(json => Write(json, statistics, leftOut));
        }
        else
        {
            Write(session, statistics, leftOut);
        }

        return ExitCodes.Ok;
    }

    static void Write(CommandSession session, TableStatistics statistics, BadRowReport leftOut)
    {
        var output = session.Terminal.Output;
        output.WriteLine(
            $"{ResultTable.Count(statistics.RowCount)} rows, {statistics.Columns.Length} columns" +
            Reading.Remainder(leftOut.Count));
        var table = new ResultTable(
            "column", "type", "#missing", "#distinct", "#min", "#median", "#mean", "#max", "most frequent");
        for (var index = 0; index < statistics.Columns.Length; index++)
        {
            var (field, column) = (statistics.Schema.Fields[index], statistics.Columns[index]);
            var missing = column.Count == 0 ? "" : ResultTable.Share((double)column.MissingCount / column.Count);
            table.Add([field.Name, Schema.NameOf(field.Type), missing, .. Cells(column)]);
        }

        table.Write(session);
    }

    /// <summary>Distinct values, minimum, median, mean, maximum, most frequent.</summary>
    static string[] Cells(ColumnStatistics column) => column switch
    {
        { PresentCount: 0 } => ["", "", "", "", "", ""],
        { Numbers: { } numbers, Quantiles: { } quantiles } =>
        [
            "", ResultTable.Number(numbers.Min), ResultTable.Number(quantiles.Quantile(0.5)), ResultTable.Number(numbers.Mean),
            ResultTable.Number(numbers.Max), "",
        ],
        { Values: { } values, Distinct: { } distinct } =>
        [
            $"{(distinct.IsExact ? "" : "≈ ")}{ResultTable.Count(distinct.Value)}", "", "", "", "",
            string.Join(
                ", ", values.Ordered(TopShown).Select(value => $"{Shortened(value.Text)} ({ShareOf(value.Count, column)})")),
        ],
        { Earliest: { } earliest, Latest: { } latest } =>
            ["", TimestampText.Format(earliest), "", "", TimestampText.Format(latest), ""],
        _ => ["", "", "", "", "", $"true ({ShareOf(column.TrueCount, column)})"],
    };

    static string ShareOf(long count, ColumnStatistics column) => ResultTable.Share((double)count / column.PresentCount);

    static string Shortened(string text) => text.Length <= 20 ? text : $"{text.AsSpan(0, 19)}…";

    static void Write(Utf8JsonWriter json, TableStatistics statistics, BadRowReport leftOut)
    {
        json.WriteNumber("rows", statistics.RowCount);
        json.WriteNumber("rowsLeftOut", leftOut.Count);
        json.WriteStartArray("columns");
        for (var index = 0; index < statistics.Columns.Length; index++)
        {
            json.WriteStartObject();
            json.WriteString("name", statistics.Schema.Fields[index].Name);
            Write(json, statistics.Columns[index]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void Write(Utf8JsonWriter json, ColumnStatistics column)
    {
        json.WriteString("type", Schema.NameOf(column.Type));
        json.WriteNumber("missing", column.MissingCount);
        switch (column)
        {
            case { PresentCount: 0 }:
                break;
            case { Numbers: { } numbers, Quantiles: { } quantiles }:
                json.WriteNumber("zeros", column.ZeroCount);
                json.WriteNumber("min", numbers.Min);
                json.WriteNumber("mean", numbers.Mean);
                json.WriteNumber("standardDeviation", numbers.StandardDeviation);
                json.WriteNumber("max", numbers.Max);
                json.WriteStartObject("quantiles");
                foreach (var share in Shares)
                {
                    json.WriteNumber(ResultTable.Number(share), quantiles.Quantile(share));
                }

                json.WriteEndObject();
                break;
            case { Values: { } values, Distinct: { } distinct }:
                json.WriteNumber("distinct", distinct.Value);
                json.WriteBoolean("distinctIsExact", distinct.IsExact);
                json.WriteNumber("meanBytes", column.Lengths!.Mean); // a text column's
                json.WriteStartArray("mostFrequent");
                foreach (var value in values.Ordered(TopInJson))
                {
                    json.WriteStartObject();
                    json.WriteString("value", value.Text);
                    json.WriteNumber("count", value.Count);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                break;
            case { Earliest: { } earliest, Latest: { } latest }:
                json.WriteString("earliest", TimestampText.Format(earliest));
                json.WriteString("latest", TimestampText.Format(latest));
                break;
            default:
                json.WriteNumber("true", column.TrueCount);
                break;
        }
    }
}
