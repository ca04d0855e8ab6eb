namespace Capstan.Data.Tests.Validation;

/// <summary>Statistics of small tables from objects; null is missing.</summary>
static class Tables
{
    public static TableStatistics Of(params IReadOnlyList<(string Name, DataType Type, object?[] Values)> columns)
    {
        var statistics = new TableStatistics(new Schema(columns.Select(column => new Field(column.Name, column.Type))));
        statistics.Observe(new ColumnBatch(statistics.Schema, [.. columns.Select(column => Summaries.Columns.Of(column.Type, column.Values))]));
        return statistics;
    }

    public static TableStatistics Of(string name, DataType type, params IEnumerable<object?> values) => Of((name, type, [.. values]));

    public static ColumnStatistics Column(DataType type, params IEnumerable<object?> values) => Of("x", type, values)["x"];

    /// <summary>Each value as often as said.</summary>
    public static object?[] Repeated(params (object? Value, int Times)[] values) =>
        [.. values.SelectMany(each => Enumerable.Repeat(each.Value, each.Times))];

    public static object?[] Numbers(int count, Func<int, double> of) => [.. Enumerable.Range(0, count).Select(index => (object?)of(index))];
}
