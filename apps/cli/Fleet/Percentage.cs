using System.Globalization;

namespace Capstan.Cli;

/// <summary>Shares of traffic as people write them: <c>10%</c>, <c>0.5%</c>, in steps of a thousandth.</summary>
static class Percentage
{
    /// <exception cref="UsageException">It is no percentage from 0 to 100 in tenths.</exception>
    public static int PerMilleOf(string text)
    {
        var perMille = double.TryParse(text.TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out var percent) ? percent * 10 : -1;
        return perMille is >= 0 and <= 1000 && Math.Abs(perMille - Math.Round(perMille)) < 1e-9
            ? (int)Math.Round(perMille)
            : throw new UsageException($"a share of traffic is '{text}', expected a percentage from 0% to 100% in steps of 0.1%.");
    }

    public static string Text(int perMille) => $"{(perMille / 10.0).ToString("0.#", CultureInfo.InvariantCulture)} %";
}
