namespace Capstan.Data;

/// <summary>The function a dense layer applies to its sums. The numbers are written into artifacts and never reused.</summary>
public enum Activation : byte
{
    /// <summary>None: the sum itself.</summary>
    Identity = 1,

    /// <summary>The sum where it is positive, else 0; a NaN stays NaN, so that a broken network is noticed.</summary>
    Relu = 2,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh = 3,

    /// <summary>
    /// Gaussian error linear unit, in its form by tanh: smooth, and nearly the sum itself where that is far above 0.
    /// </summary>
    Gelu = 4,
}
