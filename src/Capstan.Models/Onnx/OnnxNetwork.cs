using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>A feed-forward network as operators: embeddings by Gather, layers by Gemm, in single precision.</summary>
static class OnnxNetwork
{
    public static OnnxValue Append(OnnxGraph graph, DnnPredictor predictor, OnnxFeatures features)
    {
        var shape = predictor.Shape;
        var parameters = predictor.Parameters.AsSpan();
        var inputs = features.Numerics.ToList();
        foreach (var index in Enumerable.Range(0, features.Categories.Length).Where(index => shape.EmbeddingDimensions[index] > 0))
        {
            inputs.Add(Embed(graph, predictor, index, features.Categories[index]));
        }

        var values = graph.Apply("Concat", OnnxType.Float32, [.. inputs], new OnnxNumber("axis", 1));
        for (var layer = 0; layer < shape.LayerCount; layer++)
        {
            var (height, width) = (shape.Inputs(layer), shape.Outputs(layer));
            var weights = graph.Tensor(
                $"layer{layer}.weights", OnnxType.Float32, [height, width], parameters.Slice(shape.WeightOffset(layer), height * width));
            var bias = graph.Tensor($"layer{layer}.bias", OnnxType.Float32, [width], parameters.Slice(shape.BiasOffset(layer), width));
            var sums = graph.Apply("Gemm", OnnxType.Float32, [values, weights, bias]);
            values = Activate(graph, shape.ActivationAfter(layer), shape.IsNormalized(layer) ? Normalize(graph, predictor, layer, sums) : sums);
        }

        return Unscale(graph, predictor.LabelScaling, values);
    }

    static OnnxValue Embed(OnnxGraph graph, DnnPredictor predictor, int featureIndex, OnnxValue category)
    {
        var (spec, dimension) = (predictor.Features.Categories[featureIndex], predictor.Shape.EmbeddingDimensions[featureIndex]);
        var offset = predictor.Shape.EmbeddingOffset(featureIndex);
        var table = graph.Tensor(
            $"embedding.{spec.Name}", OnnxType.Float32, [spec.Cardinality, dimension],
            predictor.Parameters.AsSpan().Slice(offset, spec.Cardinality * dimension));
        var axes = graph.Axis(1);
        // [rows], not [rows × 1]: Gather adds the dimension of the table's rows.
        return graph.Apply("Gather", OnnxType.Float32, [table, graph.Apply("Squeeze", OnnxType.Int64, [category, axes])]);
    }

    static OnnxValue Normalize(OnnxGraph graph, DnnPredictor predictor, int layer, OnnxValue sums)
    {
        var shape = predictor.Shape;
        var parameters = predictor.Parameters.AsSpan();
        var width = shape.Outputs(layer);
        var gain = graph.Tensor($"layer{layer}.gain", OnnxType.Float32, [width], parameters.Slice(shape.GainOffset(layer), width));
        var shift = graph.Tensor($"layer{layer}.shift", OnnxType.Float32, [width], parameters.Slice(shape.ShiftOffset(layer), width));
        // The operator's ε, where none is said, is LayerNormalization.Epsilon.
        return graph.Apply("LayerNormalization", OnnxType.Float32, [sums, gain, shift], new OnnxNumber("axis", 1));
    }

    static OnnxValue Activate(OnnxGraph graph, Activation activation, OnnxValue sums) => activation switch
    {
        Activation.Identity => sums,
        Activation.Relu => graph.Apply("Relu", OnnxType.Float32, [sums]),
        Activation.Tanh => graph.Apply("Tanh", OnnxType.Float32, [sums]),
        Activation.Gelu => Gelu(graph, sums),
        _ => throw new OnnxNotSupportedException(activation.ToString(), "this version has no operator for this activation."),
    };

    /// <summary>½ x (1 + tanh(√(2/π) (x + 0.044715 x³))), term by term as <see cref="ActivationKernels"/> has it.</summary>
    static OnnxValue Gelu(OnnxGraph graph, OnnxValue x)
    {
        var one = graph.Constant(1f);
        var cubic = graph.Arithmetic("Add", graph.Arithmetic("Mul", graph.Arithmetic("Mul", graph.Constant(0.044715f), x), x), one);
        var inner = graph.Arithmetic("Mul", graph.Arithmetic("Mul", graph.Constant(0.7978845608f), x), cubic);
        var gate = graph.Arithmetic("Add", graph.Apply("Tanh", OnnxType.Float32, [inner]), one);
        return graph.Arithmetic("Mul", graph.Arithmetic("Mul", graph.Constant(0.5f), x), gate);
    }

    /// <summary><see cref="LabelScaling.Unscale"/>: in double precision, as a fused multiply-add has no operator.</summary>
    static OnnxValue Unscale(OnnxGraph graph, LabelScaling scaling, OnnxValue output)
    {
        if (scaling == LabelScaling.Identity)
        {
            return output;
        }

        var scaled = graph.Arithmetic("Mul", graph.Cast(output, OnnxType.Float64), graph.Constant((double)scaling.Scale));
        return graph.Cast(graph.Arithmetic("Add", scaled, graph.Constant((double)scaling.Mean)), OnnxType.Float32);
    }
}
