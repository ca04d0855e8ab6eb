namespace Capstan.Features;

// Loops: a graph within the graph, which sees the values around it.
public sealed partial class OnnxGraph
{
    /// <summary>A value changed again and again while a condition over it holds.</summary>
    /// <param name="start">Its shape may change from one round to the next.</param>
    /// <param name="holds">A boolean of one element, from the value.</param>
    /// <param name="next">The value of the next round, from that of this one.</param>
    public OnnxValue While(OnnxValue start, Func<OnnxValue, OnnxValue> holds, Func<OnnxValue, OnnxValue> next)
    {
        var (round, before) = (Fresh("round", OnnxType.Int64), Fresh("before", OnnxType.Boolean));
        var (current, goesOn, following) = (Fresh("current", start.Type), default(OnnxValue), default(OnnxValue));
        var first = Scalar(holds(start));
        var (outside, known) = (_nodes, _known);
        // What the body computes is known in it alone.
        (_nodes, _known) = ([], new Dictionary<string, OnnxValue>(known, StringComparer.Ordinal));
        following = next(current);
        goesOn = Scalar(holds(following));
        var inside = _nodes;
        (_nodes, _known) = (outside, known);
        var result = Fresh("Loop", start.Type);
        var body = new OnnxBody("body", graph =>
        {
            WriteAll(graph, inside);
            graph.Text(2, result.Name);
            WriteType(graph, 11, round, isScalar: true);
            WriteType(graph, 11, before, isScalar: true);
            WriteType(graph, 11, current, isScalar: false);
            WriteType(graph, 12, goesOn, isScalar: false);
            WriteType(graph, 12, following, isScalar: false);
        });
        // Without a first operand the number of rounds has no limit.
        _nodes.Add(graph => graph.Message(
            1, node => WriteNode(node, "Loop", ["", first.Name, start.Name], [result.Name], [body])));
        return result;

        OnnxValue Scalar(OnnxValue condition) => Apply("Squeeze", OnnxType.Boolean, [condition]);
    }

    /// <param name="isScalar">Whether it has no dimension; else nothing is said of its dimensions.</param>
    static void WriteType(ProtobufWriter graph, int field, OnnxValue value, bool isScalar) => graph.Message(field, info =>
    {
        info.Text(1, value.Name);
        info.Message(2, type => type.Message(1, tensor =>
        {
            tensor.Number(1, (int)value.Type);
            if (isScalar)
            {
                tensor.Message(2, _ => { });
            }
        }));
    });
}
