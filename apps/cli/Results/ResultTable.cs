using System.Globalization;
using Spectre.Console;

namespace Capstan.Cli;

/// <summary>A result as rows and columns for people: text to the left, numbers to the right.</summary>
sealed class ResultTable
{
    // A space on either side of a cell, and what is between columns.
    const int ColumnMargin = 3;

    const int ShortestCut = 8;

    readonly string[] _headings;
    readonly List<string[]> _rows = [];

    /// <param name="columns">The headings; one that begins with '#' is a column of numbers.</param>
    public ResultTable(params ReadOnlySpan<string> columns) => _headings = columns.ToArray();

    public void Add(params ReadOnlySpan<string> cells) => _rows.Add(cells.ToArray());

    public void Write(CommandSession session) => session.Write(Render([.. Enumerable.Range(0, _headings.Length)], int.MaxValue));

    /// <summary>
    /// On a screen that is too narrow, columns are left out until a row fits on a line; if it never does, the last column is cut.
    /// </summary>
    /// <param name="dropFirst">The headings of columns that can be missed, the least important first.</param>
    public void Write(CommandSession session, IReadOnlyList<string> dropFirst)
    {
        var shown = Enumerable.Range(0, _headings.Length).ToList();
        foreach (var heading in dropFirst)
        {
            if (shown.Sum(WidthOf) < session.Width)
            {
                break;
            }

            shown.RemoveAll(index => _headings[index].TrimStart('#') == heading);
        }

        session.Write(Render(shown, Math.Max(ShortestCut, session.Width - 1 - shown.SkipLast(1).Sum(WidthOf) - ColumnMargin)));
    }

    int WidthOf(int column) =>
        _rows.Select(row => row[column].Length).Append(_headings[column].TrimStart('#').Length).Max() + ColumnMargin;

    /// <param name="longest">Of the last column's texts.</param>
    Table Render(IReadOnlyList<int> shown, int longest)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var index in shown)
        {
            var column = new TableColumn(new Text(_headings[index].TrimStart('#')));
            table.AddColumn(_headings[index].StartsWith('#') ? column.RightAligned() : column);
        }

        foreach (var row in _rows)
        {
            table.AddRow(shown.Select(index => new Text(index == shown[^1] ? Cut(row[index], longest) : row[index])));
        }

        return table;
    }

    static string Cut(string text, int longest) => text.Length <= longest ? text : $"{text.AsSpan(0, longest - 1)}…";

    public static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    /// <summary>In a line, such as "rmse 2.5, mae 1.25".</summary>
    public static string Metrics(IEnumerable<KeyValuePair<string, double>> metrics) =>
        string.Join(", ", metrics.Select(metric => $"{metric.Key} {Number(metric.Value)}"));

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Share(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);
}
