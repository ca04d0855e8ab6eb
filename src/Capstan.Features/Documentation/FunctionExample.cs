using System.Globalization;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>The usage of a function, executed: fitted on a few rows, and its value for each of them.</summary>
/// <param name="Kind">What the usage yields.</param>
/// <param name="Columns">The columns that it reads.</param>
/// <param name="Rows">For each row the inputs, in the order of the columns, and the value: as a person writes them.</param>
/// <param name="Fitted">The usage with the rows' constants in place of what is found over all rows.</param>
public sealed record FunctionExample(
    ValueKind Kind, IReadOnlyList<string> Columns, IReadOnlyList<(IReadOnlyList<string> Inputs, string Value)> Rows, Expr Fitted)
{
    /// <summary>
    /// The columns that usages read: x, y, low, high, fallback, then and otherwise are numbers; condition and night truths; t a
    /// time; w and c texts; tags a list.
    /// </summary>
    public static Schema Schema => Sample.Schema;

    static readonly ColumnBatch Sample = MakeSample();

    /// <summary>Fits and executes the usage by the row reference, which the engine equals to the bit.</summary>
    public static async Task<FunctionExample> OfAsync(FunctionEntry entry, CancellationToken cancellationToken)
    {
        var expr = ExprParser.Parse(entry.Usage);
        var fitted = await FitAsync(expr, cancellationToken);
        string[] columns = [.. ExprChildren.ColumnsOf(expr)];
        var rows = Enumerable.Range(0, columns.Length == 0 ? 1 : Sample.RowCount).Select(row => (
            (IReadOnlyList<string>)[.. columns.Select(
                column => Written(RowReference.Evaluate(new ColumnExpr(column), Sample, row)))],
            Written(RowReference.Evaluate(fitted, Sample, row))));
        return new FunctionExample(ExprTyping.KindOf(expr, Schema), columns, [.. rows], fitted);
    }

    static async Task<Expr> FitAsync(Expr expr, CancellationToken cancellationToken)
    {
        if (ExprChildren.IsFrozen(expr))
        {
            return expr;
        }

        var graph = new TransformGraph(Schema) { ["f"] = expr };
        var source = new MemorySource(Schema, [Sample]);
        return (await graph.FitAsync(source, null, null, null, cancellationToken)).Features[0].Expr;
    }

    static string Written(object? value) => value switch
    {
        null => "missing",
        bool truth => truth ? "true" : "false",
        string text => $"'{text}'",
        ValueList<string> list => $"[{string.Join(", ", list.Select(Written))}]",
        ValueList<double> vector => $"[{string.Join(", ", vector.Select(element => Written(element)))}]",
        RowReference.Time time => TimestampText.Format(time.Microseconds),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    static ColumnBatch MakeSample()
    {
        (string Name, DataType Type, object?[] Values)[] columns =
        [
            ("x", DataType.Float64, [2.5, -1.0, 12.0, null]),
            ("y", DataType.Float64, [4.0, 0.0, 52.5, 1.0]),
            ("low", DataType.Float64, [0.0, 0.0, 0.0, 0.0]),
            ("high", DataType.Float64, [10.0, 10.0, 10.0, 10.0]),
            ("fallback", DataType.Float64, [0.0, 0.0, 0.0, 0.0]),
            ("then", DataType.Float64, [1.0, 2.0, 3.0, 4.0]),
            ("otherwise", DataType.Float64, [-1.0, -2.0, -3.0, -4.0]),
            ("condition", DataType.Boolean, [true, false, null, null]),
            ("night", DataType.Boolean, [true, true, true, false]),
            ("t", DataType.Timestamp,
                [new DateTime(2001, 6, 30, 17, 45, 0), new DateTime(2000, 2, 29), new DateTime(1969, 12, 31, 23, 59, 59, 500),
                    null]),
            ("w", DataType.Text, ["Capstan", " Grüße, ß ", "17", null]),
            ("c", DataType.Text, ["a", "b", "a", "b"]),
            ("tags", DataType.TextList, [new[] { "new", "blue", "new" }, new[] { "used" }, Array.Empty<string>(), null]),
        ];
        var builder = new BatchBuilder(new Schema(columns.Select(column => new Field(column.Name, column.Type))));
        for (var index = 0; index < columns.Length; index++)
        {
            foreach (var value in columns[index].Values)
            {
                Append(builder.Columns[index], value);
            }
        }

        return builder.Batch;
    }

    static void Append(ColumnBuilder column, object? value)
    {
        switch (value)
        {
            case double number:
                column.Append(number);
                break;
            case bool truth:
                column.Append(truth);
                break;
            case string text:
                column.Append(text);
                break;
            case string[] list:
                foreach (var item in list)
                {
                    column.Items.Append(item);
                }

                column.AppendList();
                break;
            case DateTime time:
                column.Append(Timestamps.FromDateTime(time));
                break;
            default:
                column.AppendMissing();
                break;
        }
    }
}
