namespace Capstan.Models;

/// <summary>
/// A network learns (label − mean) / scale, because its first outputs are near 0 and its steps have the same size whatever the
/// label's unit; its predictions are scaled back: <c>output × scale + mean</c>, in the label's unit.
/// </summary>
/// <param name="Mean">Where the label is centred.</param>
/// <param name="Scale">The label's spread, above 0.</param>
public readonly record struct LabelScaling(float Mean, float Scale)
{
    /// <summary>None, as for classification.</summary>
    public static LabelScaling Identity => new(0, 1);

    /// <summary>To mean 0 and deviation 1; a constant label is only centred.</summary>
    public static LabelScaling Standard(double mean, double standardDeviation) =>
        new((float)mean, (float)standardDeviation is > 0 and < float.PositiveInfinity and var scale ? scale : 1);

    /// <summary>Scaled back; with <see cref="Identity"/>, the very same number.</summary>
    public float Unscale(float output) => MathF.FusedMultiplyAdd(output, Scale, Mean);
}
