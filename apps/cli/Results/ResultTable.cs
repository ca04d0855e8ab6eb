using System.Globalization;
using Spectre.Console;

namespace Capstan.Cli;

/// <summary>A result as rows and columns for people: text to the left, numbers to the right.</summary>
sealed class ResultTable
{
    readonly Table _table = new Table().Border(TableBorder.Simple);

    /// <param name="columns">The headings; one that begins with '#' is a column of numbers.</param>
    public ResultTable(params ReadOnlySpan<string> columns)
    {
        foreach (var heading in columns)
        {
            var column = new TableColumn(new Text(heading.TrimStart('#')));
            _table.AddColumn(heading.StartsWith('#') ? column.RightAligned() : column);
        }
    }

    public void Add(params ReadOnlySpan<string> cells)
    {
        var row = new Text[cells.Length];
        for (var index = 0; index < cells.Length; index++)
        {
            row[index] = new Text(cells[index]);
        }

        _table.AddRow(row);
    }

    public void Write(CommandSession session) => session.Write(_table);

    public static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    /// <summary>In a line, such as "rmse 2.5, mae 1.25".</summary>
    public static string Metrics(IEnumerable<KeyValuePair<string, double>> metrics) =>
        string.Join(", ", metrics.Select(metric => $"{metric.Key} {Number(metric.Value)}"));

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Share(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);
}
