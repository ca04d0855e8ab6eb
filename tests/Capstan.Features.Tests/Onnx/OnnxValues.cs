using Capstan.Data;

namespace Capstan.Features.Tests.Onnx;

/// <summary>
/// Expressions as outputs <c>value.0</c>, <c>value.1</c> …, numbers in the double precision that they are computed in, which
/// features round to single precision.
/// </summary>
static class OnnxValues
{
    public static OnnxModel Of(Schema schema, IReadOnlyList<Expr> expressions)
    {
        var graph = new OnnxGraph();
        var compiler = new OnnxCompiler(graph, schema);
        for (var index = 0; index < expressions.Count; index++)
        {
            graph.Output($"value.{index}", compiler.Value(expressions[index]), expressions[index].ToString());
        }

        return new OnnxModel(graph.ToBytes("values"));
    }
}
