using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>The features of a transform inside a graph, in the order of its layout.</summary>
/// <param name="Numerics">Float32 [rows × 1] each.</param>
/// <param name="Categories">Int64 [rows × 1] each.</param>
public readonly record struct OnnxFeatures(ImmutableArray<OnnxValue> Numerics, ImmutableArray<OnnxValue> Categories);

/// <summary>
/// A frozen transform as an ONNX graph of standard operators (and <c>com.microsoft</c>'s MurmurHash3 and Tokenizer), run by ONNX
/// Runtime: raw columns in, features out.
/// </summary>
/// <remarks>
/// <para>One input for each raw column, [rows × 1], under its name: numbers as double with NaN for missing; times as int64
/// microseconds with <see cref="long.MinValue"/> for missing; integers as int64, booleans as bool and texts as string, whose
/// missing values are told by a second boolean input NAME_missing that may be left out where nothing is missing. What stands in
/// the value's place then means nothing. Lists are string [rows × longest list] with an int64 input NAME_count [rows × 1], −1 for
/// missing.</para>
/// <para>Features equal the engine's to the bit, except where these occur, which come from another mathematical library: log,
/// log1p, exp, power, log10 and atan2 (within 4 units in the last place of double precision), tanh (8), sin and cos (within
/// 2⁻⁵⁰), haversine (twelve digits; 0.2 km between opposite places) and bearing (10⁻¹² degrees divided by the sine of the angle
/// between the places). A number in a text is 0 below 10⁻³⁰⁷ and missing from 10³⁰⁸ on. Texts that are made, or searched by
/// patterns, are not missing however long they are.</para>
/// <para>Refused by name: a number's text form (text, hash, or a vocabulary with several unknown buckets) unless the number is an
/// integer column or known to be whole; searched parts and separators that read a column; regex_extract, regex_replace, normal
/// forms, and patterns that are not known to mean the same (<see cref="OnnxPattern"/>).</para>
/// </remarks>
public static class OnnxTransform
{
    /// <summary>
    /// The transform as an <c>.onnx</c> file whose outputs are called <c>feature.NAME</c>: float, or int64 for categories.
    /// </summary>
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
                "this transform",
                "it reads no raw column, so a graph of it could not know how many rows there are; add a feature that reads one.");
        }

        if (!transform.Output.Passed.Fields.IsEmpty)
        {
            throw new OnnxNotSupportedException(
                "this transform", $"it passes on raw columns as they are ({transform.Output.Passed}); only features have a form in ONNX.");
        }

        var compiler = new OnnxCompiler(graph, transform.Input);
        var (numerics, categories) = (ImmutableArray.CreateBuilder<OnnxValue>(), ImmutableArray.CreateBuilder<OnnxValue>());
        foreach (var (_, expr) in transform.Features)
        {
            switch (ExprTyping.KindOf(expr, transform.Input))
            {
                case ValueKind.Category:
                    categories.Add(compiler.CategoryFeature(expr));
                    break;
                case ValueKind.Vector:
                    numerics.AddRange(compiler.Vector((TermVectorExpr)expr));
                    break;
                default:
                    numerics.Add(compiler.Numeric(expr));
                    break;
            }
        }

        return new OnnxFeatures(numerics.ToImmutable(), categories.ToImmutable());
    }
}
