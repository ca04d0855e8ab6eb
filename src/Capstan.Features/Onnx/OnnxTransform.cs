using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>The features of a transform inside a graph, in the order of its layout.</summary>
/// <param name="Numerics">Float32 [rows × 1] each.</param>
/// <param name="Categories">Int64 [rows × 1] each.</param>
public readonly record struct OnnxFeatures(ImmutableArray<OnnxValue> Numerics, ImmutableArray<OnnxValue> Categories);

/// <summary>
/// A frozen transform as an ONNX graph of standard operators (and <c>com.microsoft</c>'s MurmurHash3 and Tokenizer), run by ONNX Runtime:
/// raw columns in, features out.
/// </summary>
/// <remarks>
/// <para>One input for each raw column, [rows × 1], under its name: numbers as double with NaN for missing; times as int64
/// microseconds with <see cref="long.MinValue"/> for missing; integers as int64, booleans as bool and texts as string, whose
/// missing values are told by a second boolean input NAME_missing that may be left out where nothing is missing. What stands in
/// the value's place then means nothing.</para>
/// <para>Features equal the engine's to the bit, except where these occur, which come from another mathematical library: log, log1p,
/// exp, power, log10 and atan2 (within 4 units in the last place of double precision), tanh (8), sin and cos (within 2⁻⁵⁰), haversine
/// (twelve digits; 0.2 km between opposite places) and bearing (10⁻¹² degrees divided by the sine of the angle between the places). A text
/// that concat makes is not missing however long it is.</para>
/// <para>Refused by name: a number's text form (text, hash, or a vocabulary with several unknown buckets) unless the number is an integer
/// column or known to be whole; lower, upper, replace and number; searched parts, separators and positions that read a column.</para>
/// </remarks>
public static class OnnxTransform
{
    /// <summary>The transform as an <c>.onnx</c> file whose outputs are called <c>feature.NAME</c>: float, or int64 for categories.</summary>
    /// <exception cref="OnnxNotSupportedException">An expression has no equal in ONNX.</exception>
    public static byte[] Export(FrozenTransform transform)
    {
        var graph = new OnnxGraph();
        var features = Append(graph, transform);
        foreach (var (spec, value) in transform.Output.Numerics.Zip(features.Numerics))
        {
            graph.Output($"feature.{spec.Name}", value, "a number; 0 where it is missing");
        }

        foreach (var (spec, value) in transform.Output.Categories.Zip(features.Categories))
        {
            graph.Output($"feature.{spec.Name}", value, $"a category from 0 to {spec.Cardinality - 1}");
        }

        return graph.ToBytes($"Capstan transform {transform.Hash}");
    }

    /// <summary>Declares the inputs in an empty graph and computes the features.</summary>
    /// <exception cref="OnnxNotSupportedException">An expression has no equal in ONNX.</exception>
    public static OnnxFeatures Append(OnnxGraph graph, FrozenTransform transform)
    {
        if (transform.Input.Fields.IsEmpty)
        {
            throw new OnnxNotSupportedException(
                "this transform", "it reads no raw column, so a graph of it could not know how many rows there are; add a feature that reads one.");
        }

        if (transform.Features.FirstOrDefault(feature => ExprTyping.KindOf(feature.Expr, transform.Input) == ValueKind.Vector) is { Expr: { } vector })
        {
            throw new OnnxNotSupportedException(vector, "this version has no operators for it.");
        }

        if (transform.Input.Fields.FirstOrDefault(field => field.Type == DataType.TextList) is { Name: { } list })
        {
            throw new OnnxNotSupportedException(new ColumnExpr(list), "it is a column of lists, for which this version has no operators.");
        }

        var compiler = new OnnxCompiler(graph, transform.Input);
        var byName = transform.Features.ToDictionary(feature => feature.Name, feature => feature.Expr, StringComparer.Ordinal);
        return new OnnxFeatures(
            [.. transform.Output.Numerics.Select(spec => compiler.Numeric(byName[spec.Name]))],
            [.. transform.Output.Categories.Select(spec => compiler.CategoryFeature(byName[spec.Name]))]);
    }
}
