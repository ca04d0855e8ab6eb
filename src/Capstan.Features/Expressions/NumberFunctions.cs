namespace Capstan.Features;

/// <summary>Functions that the class library lacks, one definition for the engine and the reference.</summary>
static class NumberFunctions
{
    /// <summary>
    /// ln(1 + x) without cancellation for small x: u = 1 + x, then ln(u) · x / (u − 1).
    /// </summary>
    /// <remarks>
    /// Source: W. Kahan's formula as given by Goldberg, "What Every Computer Scientist Should Know About Floating-Point
    /// Arithmetic" (1991), theorem 4.
    /// </remarks>
    public static double LogOnePlus(double x)
    {
        var u = 1 + x;
        return u == 1 ? x : Math.Log(u) * x / (u - 1);
    }
}
