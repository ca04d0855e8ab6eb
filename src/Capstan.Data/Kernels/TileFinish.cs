using System.Runtime.Intrinsics;

namespace Capstan.Data;

/// <summary>What a tile does with its sums before it stores them.</summary>
interface ITileFinish
{
    static abstract bool ReadsGate { get; }

    static abstract Vector256<float> Finish(Vector256<float> sums, Vector256<float> gate);
}

/// <summary>Stores the sums.</summary>
readonly struct StoreSums : ITileFinish
{
    public static bool ReadsGate => false;

    public static Vector256<float> Finish(Vector256<float> sums, Vector256<float> gate) => sums;
}

/// <summary>Stores the sums where they are not negative, else 0.</summary>
readonly struct StoreRelu : ITileFinish
{
    public static bool ReadsGate => false;

    // Not Vector256.Max: on x86 it spends three more instructions on −0 and NaN than this comparison, which keeps both.
    public static Vector256<float> Finish(Vector256<float> sums, Vector256<float> gate) =>
        Vector256.AndNot(sums, Vector256.LessThan(sums, Vector256<float>.Zero));
}

/// <summary>Stores the sums where the gate is positive, else 0: the derivative of <see cref="StoreRelu"/>.</summary>
readonly struct StoreThroughGate : ITileFinish
{
    public static bool ReadsGate => true;

    public static Vector256<float> Finish(Vector256<float> sums, Vector256<float> gate) =>
        sums & Vector256.GreaterThan(gate, Vector256<float>.Zero);
}
