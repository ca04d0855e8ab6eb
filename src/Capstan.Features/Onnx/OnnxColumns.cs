using System.Diagnostics;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// The raw columns as inputs of a graph, each [rows × 1]. How a missing value is given: a number is NaN (infinite reads as
/// missing), a time <see cref="long.MinValue"/>; integers, booleans and texts use every value they have, so theirs is told by a
/// second, boolean input NAME_missing, which may be left out where nothing is missing. A list is [rows × longest list] texts,
/// with the number of each row's items in a second, integer input NAME_count, −1 for a missing list.
/// </summary>
sealed class OnnxColumns
{
    readonly OnnxGraph _graph;
    readonly Dictionary<string, OnnxValue> _values = new(StringComparer.Ordinal);
    readonly Dictionary<string, OnnxValue> _missing = new(StringComparer.Ordinal);
    readonly Dictionary<string, OnnxValue> _items = new(StringComparer.Ordinal);
    readonly Dictionary<string, OnnxValue> _counts = new(StringComparer.Ordinal);

    public OnnxColumns(OnnxGraph graph, Schema schema)
    {
        _graph = graph;
        foreach (var (name, type) in schema.Fields)
        {
            var input = graph.Input(name, TypeOf(type), Describe(type), isWide: type == DataType.TextList);
            (type == DataType.TextList ? _items : _values).Add(name, input);
        }

        // After all columns, so that a column called x_missing keeps its name and the flag of x makes way.
        foreach (var name in _items.Keys)
        {
            _counts.Add(name, graph.Input(
                $"{name}_count", OnnxType.Int64, $"how many texts of '{name}' are the row's; -1 where the list is missing"));
        }

        foreach (var (name, type) in schema.Fields)
        {
            if (type is DataType.Int64 or DataType.Boolean or DataType.Text)
            {
                var flag = graph.OptionalFlag($"{name}_missing", $"true where '{name}' is missing; without it nothing is");
                _missing.Add(name, OfEveryRow(flag));
            }
        }
    }

    /// <summary>The input as it comes in.</summary>
    public OnnxValue Value(string column) => _values[column];

    /// <summary>Whether an integer, boolean or text is missing, in every row.</summary>
    public OnnxValue Missing(string column) => _missing[column];

    /// <summary>A column of lists.</summary>
    public OnnxList List(string column, OnnxListFunctions lists)
    {
        var (items, count) = (lists.WithColumn(_items[column]), _counts[column]);
        return new OnnxList(
            items, _graph.Condition("Less", lists.Places(items), count), _graph.Condition("Less", count, _graph.Constant(0L)),
            true);
    }

    /// <summary>A value that may be one for all rows as [rows × 1].</summary>
    public OnnxValue OfEveryRow(OnnxValue value) =>
        _graph.Apply("Expand", value.Type,
            [value, _graph.Apply("Shape", OnnxType.Int64, [_values.Values.Concat(_counts.Values).First()])]);

    static OnnxType TypeOf(DataType type) => type switch
    {
        DataType.Float64 => OnnxType.Float64,
        DataType.Int64 or DataType.Timestamp => OnnxType.Int64,
        DataType.Boolean => OnnxType.Boolean,
        DataType.Text or DataType.TextList => OnnxType.Text,
        _ => throw new UnreachableException(),
    };

    static string Describe(DataType type) => type switch
    {
        DataType.Float64 => "a number; NaN where it is missing",
        DataType.Timestamp => "microseconds since 1970-01-01T00:00:00; -9223372036854775808 where it is missing",
        DataType.TextList => "the texts of each row's list, then any texts; see the input of this name with _count",
        _ => "any value where it is missing; see the input of this name with _missing",
    };
}
