using Capstan.Data;

namespace Capstan.Features;

/// <summary>Arithmetic that runs in vectors.</summary>
sealed class VectorArithmetic<TOperation>(int left, int right, int result) : Op
    where TOperation : struct, NumberKernels.IBinary
{
    public override void Run(Frame frame) =>
        NumberKernels.Apply<TOperation>(frame.Number(left), frame.Number(right), frame.Numbers[result]);
}

/// <summary>x − y·⌊x/y⌋.</summary>
sealed class ModuloOp(int left, int right, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, y, values) = (frame.Numbers[left], frame.Numbers[right], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = NumberKernels.Finite(x[row] - y[row] * Math.Floor(x[row] / y[row]));
        }
    }
}

/// <summary>A function of one number, element by element.</summary>
sealed class UnaryOp(UnaryOperator function, int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var x = frame.Number(operand);
        var values = frame.Numbers[result].AsSpan(0, frame.Count);
        switch (function)
        {
            case UnaryOperator.Negate:
                Map(x, values, static v => -v);
                break;
            case UnaryOperator.Absolute:
                Map(x, values, Math.Abs);
                break;
            case UnaryOperator.SquareRoot:
                Map(x, values, Math.Sqrt);
                break;
            case UnaryOperator.Log:
                Map(x, values, Math.Log);
                break;
            case UnaryOperator.LogOnePlus:
                Map(x, values, NumberFunctions.LogOnePlus);
                break;
            case UnaryOperator.Exponential:
                Map(x, values, Math.Exp);
                break;
            case UnaryOperator.Floor:
                Map(x, values, Math.Floor);
                break;
            case UnaryOperator.Sine:
                Map(x, values, Math.Sin);
                break;
            case UnaryOperator.Cosine:
                Map(x, values, Math.Cos);
                break;
            case UnaryOperator.Not:
                Map(x, values, static v => 1 - v);
                break;
        }
    }

    // The delegates are cached by the compiler: no allocation after the first call.
    static void Map(ReadOnlySpan<double> x, Span<double> values, Func<double, double> function)
    {
        for (var row = 0; row < x.Length; row++)
        {
            values[row] = NumberKernels.Finite(function(x[row]));
        }
    }
}
