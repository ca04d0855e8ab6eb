using Capstan.Data;

namespace Capstan.Features;

/// <summary>A function of one number, compiled into the loop.</summary>
interface IUnaryFunction
{
    static abstract double Of(double x);
}

interface IBinaryFunction
{
    static abstract double Of(double x, double y);
}

/// <summary>A function of two points in degrees.</summary>
interface IPointFunction
{
    static abstract double Of(double latitude1, double longitude1, double latitude2, double longitude2);
}

sealed class MapOp<TFunction>(int operand, int result) : Op
    where TFunction : struct, IUnaryFunction
{
    public override void Run(Frame frame)
    {
        var x = frame.Number(operand);
        var values = frame.Numbers[result].AsSpan(0, x.Length);
        for (var row = 0; row < x.Length; row++)
        {
            values[row] = NumberKernels.Finite(TFunction.Of(x[row]));
        }
    }
}

sealed class MapPairsOp<TFunction>(int left, int right, int result) : Op
    where TFunction : struct, IBinaryFunction
{
    public override void Run(Frame frame)
    {
        var (x, y, values) = (frame.Numbers[left], frame.Numbers[right], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            // Math.Pow(NaN, 0) is 1, but a missing operand makes the result missing.
            values[row] = double.IsNaN(x[row]) || double.IsNaN(y[row]) ? double.NaN
                : NumberKernels.Finite(TFunction.Of(x[row], y[row]));
        }
    }
}

sealed class MapPointsOp<TFunction>(int latitude1, int longitude1, int latitude2, int longitude2, int result) : Op
    where TFunction : struct, IPointFunction
{
    public override void Run(Frame frame)
    {
        var (fromY, fromX, toY, toX) = (
            frame.Numbers[latitude1], frame.Numbers[longitude1], frame.Numbers[latitude2], frame.Numbers[longitude2]);
        var values = frame.Numbers[result];
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = NumberKernels.Finite(TFunction.Of(fromY[row], fromX[row], toY[row], toX[row]));
        }
    }
}

readonly struct RoundFunction : IUnaryFunction
{
    public static double Of(double x) => Math.Round(x, MidpointRounding.ToEven);
}

readonly struct SignFunction : IUnaryFunction
{
    public static double Of(double x) => x > 0 ? 1 : x < 0 ? -1 : x;
}

readonly struct TanhFunction : IUnaryFunction
{
    public static double Of(double x) => Math.Tanh(x);
}

readonly struct LogTenFunction : IUnaryFunction
{
    public static double Of(double x) => Math.Log10(x);
}

readonly struct PowerFunction : IBinaryFunction
{
    public static double Of(double x, double y) => Math.Pow(x, y);
}

readonly struct ArcTangentFunction : IBinaryFunction
{
    public static double Of(double y, double x) => Math.Atan2(y, x);
}

readonly struct HaversineFunction : IPointFunction
{
    public static double Of(double latitude1, double longitude1, double latitude2, double longitude2) =>
        Geodesy.Haversine(latitude1, longitude1, latitude2, longitude2);
}

readonly struct BearingFunction : IPointFunction
{
    public static double Of(double latitude1, double longitude1, double latitude2, double longitude2) =>
        Geodesy.Bearing(latitude1, longitude1, latitude2, longitude2);
}
