using System.Globalization;
using System.Text;
using Capstan.Gateway;

namespace Capstan.Cli;

/// <summary>Draws latencies by percentile, both axes logarithmic, as an SVG file that runs nothing.</summary>
static class LatencyPlot
{
    const int Width = 640;
    const int Height = 360;
    const int Margin = 56;

    // The horizontal axis counts nines: 90 %, 99 %, 99.9 %, 99.99 %.
    const double MostNines = 4;

    public static string Draw(LatencyCounts latencies, string title)
    {
        var points = Enumerable.Range(0, 201).Select(step => MostNines * step / 200)
            .Select(nines => (Nines: nines, Milliseconds: latencies.Quantile(1 - Math.Pow(10, -nines)).TotalMilliseconds))
            .Where(point => point.Milliseconds > 0).ToArray();
        var low = Math.Floor(Math.Log10(points.Select(point => point.Milliseconds).DefaultIfEmpty(1).Min()));
        var high = Math.Max(low + 1, Math.Ceiling(Math.Log10(points.Select(point => point.Milliseconds).DefaultIfEmpty(1).Max())));
        var svg = new StringBuilder(FormattableString.Invariant(
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"12\">\n"));
        svg.Append(FormattableString.Invariant($"<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/>\n"));
        svg.Append(FormattableString.Invariant($"<text x=\"{Width / 2}\" y=\"20\" text-anchor=\"middle\">{Escape(title)}</text>\n"));
        for (var power = (int)low; power <= (int)high; power++)
        {
            var y = Y(power, low, high);
            svg.Append(FormattableString.Invariant($"<path d=\"M{Margin} {y:0.#}H{Width - 20}\" stroke=\"#ddd\"/>"));
            svg.Append(FormattableString.Invariant(
                $"<text x=\"{Margin - 6}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{Math.Pow(10, power).ToString("0.###", CultureInfo.InvariantCulture)} ms</text>\n"));
        }

        foreach (var (nines, name) in new[] { (0.30103, "50 %"), (1, "90 %"), (2, "99 %"), (3, "99.9 %"), (4, "99.99 %") })
        {
            svg.Append(FormattableString.Invariant(
                $"<path d=\"M{X(nines):0.#} 36V{Height - 40}\" stroke=\"#ddd\"/><text x=\"{X(nines):0.#}\" y=\"{Height - 22}\" text-anchor=\"middle\">{name}</text>\n"));
        }

        var path = string.Join("L", points.Select(point => FormattableString.Invariant(
            $"{X(point.Nines):0.#} {Y(Math.Log10(point.Milliseconds), low, high):0.#}")));
        svg.Append(FormattableString.Invariant($"<path d=\"M{path}\" fill=\"none\" stroke=\"#1f5fa8\" stroke-width=\"2\"/>\n</svg>\n"));
        return svg.ToString();
    }

    static double X(double nines) => Margin + nines / MostNines * (Width - 40 - Margin);

    static double Y(double power, double low, double high) => Height - 40 - (power - low) / (high - low) * (Height - 76);

    static string Escape(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;");
}
