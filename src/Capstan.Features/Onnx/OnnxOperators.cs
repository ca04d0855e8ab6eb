using System.Numerics;

namespace Capstan.Features;

/// <summary>The operators that exports are made of, by their ONNX names.</summary>
public static class OnnxOperators
{
    extension(OnnxGraph graph)
    {
        /// <summary>An operator of two operands of one type that yields that type.</summary>
        public OnnxValue Arithmetic(string operation, OnnxValue x, OnnxValue y) => graph.Apply(operation, x.Type, [x, y]);

        /// <summary>An operator that yields a boolean: a comparison, or logic.</summary>
        public OnnxValue Condition(string operation, params ReadOnlySpan<OnnxValue> operands) =>
            graph.Apply(operation, OnnxType.Boolean, operands);

        /// <inheritdoc cref="Condition(OnnxGraph, string, ReadOnlySpan{OnnxValue})"/>
        public OnnxValue Condition(string operation, ReadOnlySpan<OnnxValue> operands, OnnxAttribute attribute) =>
            graph.Apply(operation, OnnxType.Boolean, operands, attribute);

        public OnnxValue Where(OnnxValue condition, OnnxValue x, OnnxValue y) => graph.Apply("Where", x.Type, [condition, x, y]);

        public OnnxValue Cast(OnnxValue value, OnnxType type) =>
            value.Type == type ? value : graph.Apply("Cast", type, [value], new OnnxNumber("to", (long)type));

        /// <summary>The number itself (−0 as 0), or NaN for an infinity: x + (x − x), as the engine has it.</summary>
        public OnnxValue Finite(OnnxValue x) => graph.Arithmetic("Add", x, graph.Arithmetic("Sub", x, x));

        /// <summary>A dimension, or a position in one, as the operand of an operator: [1].</summary>
        public OnnxValue Axis(long axis) => graph.Constants([axis]);

        /// <summary>A double that is missing (NaN) or 1 or 0 from a condition.</summary>
        public OnnxValue Truth(OnnxValue condition, OnnxValue missing) =>
            graph.Where(missing, graph.Constant(double.NaN), graph.Cast(condition, OnnxType.Float64));

        /// <summary>⌊x / divisor⌋ of 64-bit integers; ONNX's own division rounds towards zero. Never overflows.</summary>
        /// <param name="divisor">Above 0.</param>
        public OnnxValue FloorDivide(OnnxValue x, long divisor)
        {
            var quotient = graph.Arithmetic("Div", x, graph.Constant(divisor));
            var rest = graph.Arithmetic("Sub", x, graph.Arithmetic("Mul", quotient, graph.Constant(divisor)));
            var below = graph.Cast(graph.Condition("Less", rest, graph.Constant(0L)), OnnxType.Int64);
            return graph.Arithmetic("Sub", quotient, below);
        }

        /// <summary>
        /// The smaller of two integers. Not by Min: ONNX Runtime (1.31) compares 64-bit integers there as single-precision
        /// numbers.
        /// </summary>
        public OnnxValue Smaller(OnnxValue x, OnnxValue y) => graph.Where(graph.Condition("Less", x, y), x, y);

        /// <summary>The larger of two integers; see Smaller.</summary>
        public OnnxValue Larger(OnnxValue x, OnnxValue y) => graph.Where(graph.Condition("Less", x, y), y, x);

        /// <summary>
        /// How many of some ascending numbers are not above x, by binary search: a step for each doubling of their count.
        /// </summary>
        /// <param name="x">Below <see cref="long.MaxValue"/>.</param>
        public OnnxValue CountReached(OnnxValue x, ReadOnlySpan<long> limits)
        {
            var size = BitOperations.RoundUpToPowerOf2((uint)limits.Length + 1);
            var padded = new long[size - 1];
            Array.Fill(padded, long.MaxValue);
            limits.CopyTo(padded);
            var (reached, table) = (graph.Constant(0L), graph.Tensor<long>("limits", OnnxType.Int64, [padded.Length], padded));
            for (var step = (long)size / 2; step > 0; step /= 2)
            {
                var limit = graph.Apply(
                    "Gather", OnnxType.Int64, [table, graph.Arithmetic("Add", reached, graph.Constant(step - 1))]);
                var isReached = graph.Cast(graph.Condition("LessOrEqual", limit, x), OnnxType.Int64);
                reached = graph.Arithmetic("Add", reached, graph.Arithmetic("Mul", isReached, graph.Constant(step)));
            }

            return reached;
        }

        /// <summary>MurmurHash3_x86_32 of a text's UTF-8 bytes or an integer's eight little-endian bytes, mod buckets.</summary>
        public OnnxValue Hash(OnnxValue value, uint seed, int buckets)
        {
            var hash = graph.Hash32(value, seed);
            return graph.Arithmetic("Mod", hash, graph.Constant((long)buckets));
        }

        /// <summary>MurmurHash3_x86_32 as an integer from 0 to 2³² − 1.</summary>
        public OnnxValue Hash32(OnnxValue value, uint seed) => graph.Cast(
            graph.Apply(
                "MurmurHash3", OnnxType.UInt32, [value], new OnnxNumber("seed", unchecked((int)seed)),
                new OnnxNumber("positive", 1)),
            OnnxType.Int64);
    }
}
