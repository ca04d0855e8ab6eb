using System.Diagnostics;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// The map of <see cref="ScoreCalibration"/> as operators, in double precision and rounded once at the end. A map of knots is its first
/// value and, for each stretch between two of them, the slope times how far the score has come in it.
/// </summary>
static class OnnxCalibration
{
    public static OnnxValue Append(OnnxGraph graph, ScoreCalibration calibration, OnnxValue score)
    {
        var exact = graph.Cast(score, OnnxType.Float64);
        return graph.Cast(
            calibration switch
            {
                ScoreCalibration.Platt platt => graph.Arithmetic(
                    "Add", graph.Arithmetic("Mul", exact, graph.Constant((double)platt.Slope)), graph.Constant((double)platt.Offset)),
                ScoreCalibration.Isotonic isotonic => Knots(graph, isotonic, exact),
                _ => throw new UnreachableException(),
            },
            OnnxType.Float32);
    }

    static OnnxValue Knots(OnnxGraph graph, ScoreCalibration.Isotonic isotonic, OnnxValue score)
    {
        var first = graph.Constant((double)isotonic.To[0]);
        var stretches = isotonic.From.Length - 1;
        if (stretches == 0)
        {
            return graph.Arithmetic("Add", first, graph.Arithmetic("Mul", score, graph.Constant(0.0)));
        }

        double[] low = [.. isotonic.From.Take(stretches).Select(each => (double)each)];
        double[] high = [.. isotonic.From.Skip(1).Select(each => (double)each)];
        double[] slopes = [.. Enumerable.Range(0, stretches).Select(index => ((double)isotonic.To[index + 1] - isotonic.To[index]) / (high[index] - low[index]))];
        var (from, to) = (graph.Tensor<double>("knots.from", OnnxType.Float64, [1, stretches], low), graph.Tensor<double>("knots.to", OnnxType.Float64, [1, stretches], high));

        // [rows × 1] and [1 × stretches] make [rows × stretches].
        var within = graph.Apply("Min", OnnxType.Float64, [graph.Apply("Max", OnnxType.Float64, [score, from]), to]);
        var come = graph.Apply("Sub", OnnxType.Float64, [within, from]);
        var rise = graph.Apply(
            "MatMul", OnnxType.Float64, [come, graph.Tensor<double>("knots.slopes", OnnxType.Float64, [stretches, 1], slopes)]);
        return graph.Arithmetic("Add", first, rise);
    }
}
