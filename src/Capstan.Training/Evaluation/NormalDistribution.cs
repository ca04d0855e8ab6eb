namespace Capstan.Training;

/// <summary>The normal distribution's tails.</summary>
static class NormalDistribution
{
    static readonly double[] Coefficients =
        [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277];

    /// <summary>How likely a normal variable is as far from its mean as <paramref name="z"/> standard deviations, on either side.</summary>
    /// <remarks>Relative error below 1.2e-7. Source: W. Press et al., Numerical Recipes in C, 2nd ed., §6.2 (erfcc), at z / √2.</remarks>
    public static double TwoSided(double z)
    {
        var x = Math.Abs(z) / Math.Sqrt(2);
        var t = 1 / (1 + 0.5 * x);
        var sum = 0.0;
        for (var index = Coefficients.Length - 1; index >= 0; index--)
        {
            sum = sum * t + Coefficients[index];
        }

        return t * Math.Exp(-x * x + sum);
    }
}
