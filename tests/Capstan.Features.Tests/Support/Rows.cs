using System.Globalization;
using System.Runtime.CompilerServices;
using Capstan.Data;

namespace Capstan.Features.Tests;

/// <summary>Small batches written down by column; null is missing.</summary>
static class Rows
{
    public static ColumnBatch Of(params ReadOnlySpan<(string Name, DataType Type, object?[] Values)> columns)
    {
        var fields = new List<Field>();
        foreach (var (name, type, _) in columns)
        {
            fields.Add(new Field(name, type));
        }

        var builder = new BatchBuilder(new Schema(fields));
        for (var index = 0; index < columns.Length; index++)
        {
            foreach (var value in columns[index].Values)
            {
                Append(builder.Columns[index], value);
            }
        }

        return builder.Batch;
    }

    public static (string, DataType, object?[]) Numbers(string name, params object?[] values) => (name, DataType.Float64, values);

    public static (string, DataType, object?[]) Integers(string name, params object?[] values) => (name, DataType.Int64, values);

    public static (string, DataType, object?[]) Texts(string name, params object?[] values) => (name, DataType.Text, values);

    public static (string, DataType, object?[]) Truths(string name, params object?[] values) => (name, DataType.Boolean, values);

    public static (string, DataType, object?[]) Times(string name, params object?[] values) => (name, DataType.Timestamp, values);

    /// <summary>The one feature's values for every row, missing numbers as 0.</summary>
    public static object[] Apply(FrozenTransform transform, ColumnBatch rows)
    {
        var features = new FeatureBuffer(transform.Output);
        transform.Apply(rows, features, transform.CreateWorkspace());
        return transform.Output.Numerics.Length > 0
            ? [.. features.Numeric(0).ToArray().Select(value => (object)value)]
            : [.. features.Category(0).ToArray().Select(value => (object)value)];
    }

    /// <summary>Fits one feature, written as text, on a batch, and applies it to the same rows.</summary>
    public static async Task<object[]> FitAndApply(string expression, ColumnBatch rows) => Apply(await Fit(expression, rows), rows);

    public static Task<FrozenTransform> Fit(string expression, ColumnBatch rows) => Fit(expression, new MemorySource(rows.Schema, [rows]), null);

    public static Task<FrozenTransform> Fit(string expression, IBatchSource source, TableStatistics? statistics)
    {
        var graph = new TransformGraph(source.Schema) { ["f"] = ExprParser.Parse(expression) };
        return graph.FitAsync(source, statistics, null, null, TestContext.Current.CancellationToken);
    }

    static void Append(ColumnBuilder column, object? value)
    {
        switch (value)
        {
            case null:
                column.AppendMissing();
                break;
            case bool truth:
                column.Append(truth);
                break;
            case string time when column.Type == DataType.Timestamp:
                column.Append(Timestamps.FromDateTime(DateTime.Parse(time, CultureInfo.InvariantCulture)));
                break;
            case string text:
                column.Append(text);
                break;
            case var number when column.Type == DataType.Int64:
                column.Append(Convert.ToInt64(number, CultureInfo.InvariantCulture));
                break;
            default:
                column.Append(Convert.ToDouble(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}

/// <summary>Counts how often its rows are read from the beginning.</summary>
sealed class CountingSource(ColumnBatch rows) : IBatchSource
{
    readonly MemorySource _source = new(rows.Schema, [rows]);

    public int Passes { get; private set; }

    public List<string> Read { get; } = [];

    public Schema Schema => _source.Schema;

    public IReadOnlyList<Split> Splits => _source.Splits;

    public string Fingerprint => _source.Fingerprint;

    public IAsyncEnumerable<ColumnBatch> ReadAsync(Split split, IReadOnlyList<string> columns, CancellationToken cancellationToken)
    {
        Passes++;
        Read.AddRange(columns);
        return _source.ReadAsync(split, columns, cancellationToken);
    }
}

static class TestFolder
{
    /// <summary>The repository's root.</summary>
    public static string Root([CallerFilePath] string caller = "") => Path.Combine(Path.GetDirectoryName(caller)!, "..", "..", "..");
}
