using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// How much a term tells about a truth: with x rows that have the term, y with the label, n in all and k with both, the sum over
/// both labels of k · log₂(n·k / (x·y)), in bits times rows, less what chance would give: the mean of the same sum over all ways
/// of dealing the labels to the rows. Above 0 for terms that tell something, whether for the label or against it.
/// </summary>
/// <remarks>
/// Source: tf.Transform's mutual information with use_adjusted_mutual_info; the mean by chance is equation 24a of Vinh, Epps,
/// Bailey, "Information Theoretic Measures for Clusterings Comparison" (2010). We differ: where both counts pass <see
/// cref="MostExact"/>, it is the second-order expansion around the mean of the hypergeometric distribution, within 0.1 %, instead
/// of a sum of millions of terms.
/// </remarks>
static class MutualInformation
{
    const long MostExact = 2000;

    /// <param name="term">Of the rows that have the term.</param>
    /// <param name="all">Of all rows.</param>
    public static double Adjusted(LabelCounts term, LabelCounts all) =>
        Partial(term.True, term.Total, all.True, all.Total) - Expected(all.Total, term.Total, all.True)
        + Partial(term.False, term.Total, all.False, all.Total) - Expected(all.Total, term.Total, all.False);

    /// <summary>k · log₂(n·k / (x·y)); 0 where nothing has both.</summary>
    public static double Partial(long k, long x, long y, long n) =>
        k == 0 ? 0 : k * (Math.Log2(k) + Math.Log2(n) - Math.Log2(x) - Math.Log2(y));

    /// <summary>
    /// The mean of <see cref="Partial"/> where the rows with the term and those with the label are drawn independently.
    /// </summary>
    public static double Expected(long n, long x, long y)
    {
        if (x == 0 || y == 0)
        {
            return 0;
        }

        if (Math.Min(x, y) > MostExact)
        {
            return (double)(n - x) / n * (n - y) / (2 * Math.Log(2) * Math.Max(1, n - 1.0));
        }

        var sum = 0.0;
        var constant = LogFactorial(x) + LogFactorial(y) + LogFactorial(n - x) + LogFactorial(n - y) - LogFactorial(n);
        for (var k = Math.Max(1, x + y - n); k <= Math.Min(x, y); k++)
        {
            var share = Math.Exp(
                constant - LogFactorial(k) - LogFactorial(x - k) - LogFactorial(y - k) - LogFactorial(n - x - y + k));
            sum += Partial(k, x, y, n) * share;
        }

        return sum;
    }

    /// <summary>ln n!, by Stirling's series from 16 on.</summary>
    static double LogFactorial(long n)
    {
        if (n < 16)
        {
            var product = 1.0;
            for (var factor = 2; factor <= n; factor++)
            {
                product *= factor;
            }

            return Math.Log(product);
        }

        var x = n + 1.0;
        return (x - 0.5) * Math.Log(x) - x + 0.5 * Math.Log(2 * Math.PI)
            + 1 / (12 * x) - 1 / (360 * x * x * x) + 1 / (1260 * x * x * x * x * x);
    }
}
