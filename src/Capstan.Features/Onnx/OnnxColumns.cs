using System.Diagnostics;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// The raw columns as inputs of a graph, each [rows × 1]. How a missing value is given: a number is NaN (infinite reads as
/// missing), a time <see cref="long.MinValue"/>; integers, booleans and texts use every value they have, so theirs is told by a
/// second, boolean input NAME_missing, which may be left out where nothing is missing.
/// </summary>
sealed class OnnxColumns
{
    readonly OnnxGraph _graph;
    readonly Dictionary<string, OnnxValue> _values = new(StringComparer.Ordinal);
    readonly Dictionary<string, OnnxValue> _missing = new(StringComparer.Ordinal);

    public OnnxColumns(OnnxGraph graph, Schema schema)
    {
        _graph = graph;
        foreach (var (name, type) in schema.Fields)
        {
            _values.Add(name, graph.Input(name, TypeOf(type), Describe(type)));
        }

        // After all columns, so that a column called x_missing keeps its name and the flag of x makes way.
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

    /// <summary>A value that may be one for all rows as [rows × 1].</summary>
    public OnnxValue OfEveryRow(OnnxValue value) =>
        _graph.Apply("Expand", value.Type, [value, _graph.Apply("Shape", OnnxType.Int64, [_values.Values.First()])]);

    static OnnxType TypeOf(DataType type) => type switch
    {
        DataType.Float64 => OnnxType.Float64,
        DataType.Int64 or DataType.Timestamp => OnnxType.Int64,
        DataType.Boolean => OnnxType.Boolean,
        DataType.Text => OnnxType.Text,
        _ => throw new UnreachableException(),
    };

    static string Describe(DataType type) => type switch
    {
        DataType.Float64 => "a number; NaN where it is missing",
        DataType.Timestamp => "microseconds since 1970-01-01T00:00:00; -9223372036854775808 where it is missing",
        _ => "any value where it is missing; see the input of this name with _missing",
    };
}
