using System.Globalization;
using System.Text;
using Capstan.Data;
using Capstan.Features;

namespace Capstan;

/// <summary>
/// Reads the values that rows are sliced by, each as one number: of texts the number of a dictionary, of truths 0 and 1, NaN
/// where missing. Then groups the rows.
/// </summary>
sealed class SliceColumn
{
    // Each of more different texts would have few rows: they are others.
    const int MostTexts = 1 << 17;

    readonly string _by;
    readonly string? _textColumn;
    readonly FrozenExpression? _expression;
    readonly TransformWorkspace? _workspace;
    readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    readonly List<string> _texts = [];
    double[] _values = [];

    /// <param name="by">A column or an expression.</param>
    /// <exception cref="UnknownColumnException">There is no such column.</exception>
    /// <exception cref="ExpressionException">It yields neither numbers nor truths.</exception>
    public SliceColumn(string by, Schema schema)
    {
        _by = by;
        // A name that is no expression, such as one with a space, may be a column all the same.
        var expr = schema.IndexOf(by) >= 0 ? Expressions.Col(by) : ExprParser.Parse(by);
        if (ExprChildren.ColumnsOf(expr).FirstOrDefault(column => schema.IndexOf(column) < 0) is { } missing)
        {
            throw new UnknownColumnException(missing, schema.Names);
        }

        if (expr is ColumnExpr { Name: var column } && schema[column].Type == DataType.Text)
        {
            _textColumn = column;
            Columns = [column];
            return;
        }

        _expression = new FrozenExpression(schema, expr);
        _workspace = _expression.CreateWorkspace();
        Columns = _expression.Columns;
    }

    public string By => _by;

    public IReadOnlyList<string> Columns { get; }

    /// <summary>The values of a batch's rows; the span is overwritten by the next.</summary>
    public ReadOnlySpan<double> Read(ColumnBatch batch)
    {
        Array.Resize(ref _values, Math.Max(_values.Length, batch.RowCount));
        var values = _values.AsSpan(0, batch.RowCount);
        if (_textColumn is null)
        {
            _expression!.Apply(batch, values, _workspace!); // one of the two is set
            return values;
        }

        var column = batch[_textColumn];
        for (var row = 0; row < values.Length; row++)
        {
            values[row] = column.IsPresent(row) ? NumberOf(Encoding.UTF8.GetString(column.TextAt(row))) : double.NaN;
        }

        return values;
    }

    /// <summary>
    /// Names and rows of the slices: texts and truths by falling number of rows, numbers ascending; the missing last.
    /// </summary>
    /// <param name="values">[rows] as <see cref="Read"/> gave them.</param>
    public IEnumerable<(string Name, int[] Rows)> Group(float[] values, EvaluationOptions options)
    {
        var present = Enumerable.Range(0, values.Length).Where(row => !float.IsNaN(values[row])).ToArray();
        var missing = Enumerable.Range(0, values.Length).Where(row => float.IsNaN(values[row])).ToArray();
        var slices = _textColumn is not null || _expression!.Kind == ValueKind.Truth // one of the two is set
            ? Values(values, present, options)
            : Numbers(values, present, options);
        return missing.Length > 0 ? slices.Append(("(missing)", missing)) : slices;
    }

    IEnumerable<(string, int[])> Values(float[] values, int[] rows, EvaluationOptions options)
    {
        var groups = rows.GroupBy(row => values[row])
            .Select(group => (Name: NameOf(group.Key), Rows: group.ToArray()))
            .OrderByDescending(group => group.Rows.Length).ThenBy(group => group.Name, StringComparer.Ordinal).ToArray();
        if (groups.Length <= options.MostSlices + 1)
        {
            return groups;
        }

        var others = groups.Skip(options.MostSlices).ToArray();
        return
        [
            .. groups.Take(options.MostSlices),
            (string.Create(CultureInfo.InvariantCulture, $"({others.Length:N0} others)"),
                [.. others.SelectMany(group => group.Rows).Order()]),
        ];
    }

    static IEnumerable<(string, int[])> Numbers(float[] values, int[] rows, EvaluationOptions options)
    {
        var sorted = rows.OrderBy(row => values[row]).ToArray(); // stable: rows of one slice stay in their order
        var distinct = sorted.Select(row => values[row]).Distinct().Take(options.MostSlices + 1).Count();
        var first = 0;
        // Bins end where their share of the rows is reached, and never between equal values; of few values each has its own.
        var ends = distinct <= options.MostSlices
            ? Enumerable.Range(1, sorted.Length)
            : Enumerable.Range(1, options.NumberBins).Select(bin => (int)((long)sorted.Length * bin / options.NumberBins));
        foreach (var wanted in ends.Where(end => end > 0))
        {
            if (wanted <= first)
            {
                continue;
            }

            var end = wanted;
            while (end < sorted.Length && values[sorted[end]] == values[sorted[end - 1]])
            {
                end++;
            }

            var (low, high) = (values[sorted[first]], values[sorted[end - 1]]);
            yield return (low == high ? Text(low) : $"{Text(low)} to {Text(high)}", sorted[first..end]);
            first = end;
        }
    }

    string NameOf(float value) => _textColumn is null ? value != 0 ? "true" : "false"
        : value < 0 ? "(others)" : _texts[(int)value].Length == 0 ? "(empty)" : _texts[(int)value];

    static string Text(float value) => value.ToString("G6", CultureInfo.InvariantCulture);

    int NumberOf(string text)
    {
        if (_numbers.TryGetValue(text, out var number))
        {
            return number;
        }

        if (_texts.Count == MostTexts)
        {
            return -1;
        }

        _texts.Add(text);
        return _numbers[text] = _texts.Count - 1;
    }
}
