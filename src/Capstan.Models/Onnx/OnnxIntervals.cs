using System.Diagnostics;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>The ends of intervals as operators, in double precision and rounded once at the end: within a unit in the last
/// place of ours.</summary>
static class OnnxIntervals
{
    /// <param name="prediction">The predicted value, float [rows × 1].</param>
    /// <param name="score">What a predictor of quantiles gives.</param>
    public static (OnnxValue Lower, OnnxValue Upper) Append(
        OnnxGraph graph, PredictionIntervals intervals, ModelOutput output, OnnxValue prediction, Func<IPredictor, OnnxValue> score)
    {
        var (from, to, width) = intervals switch
        {
            PredictionIntervals.Around around => (prediction, prediction, around.HalfWidth),
            PredictionIntervals.Quantiles quantiles => (score(quantiles.Lower), score(quantiles.Upper), quantiles.Widening),
            _ => throw new UnreachableException(),
        };
        var low = graph.Arithmetic("Sub", graph.Cast(from, OnnxType.Float64), graph.Constant(width));
        var high = graph.Arithmetic("Add", graph.Cast(to, OnnxType.Float64), graph.Constant(width));
        if (output.Link == Link.Log)
        {
            low = graph.Apply("Max", OnnxType.Float64, [low, graph.Constant(0.0)]);
        }

        return (
            graph.Apply("Min", OnnxType.Float32, [graph.Cast(low, OnnxType.Float32), prediction]),
            graph.Apply("Max", OnnxType.Float32, [graph.Cast(high, OnnxType.Float32), prediction]));
    }
}
