using System.Globalization;

namespace Capstan;

/// <summary>One line, band or row of dots of a plot.</summary>
/// <param name="Style">A class of <see cref="PlotStyle"/>: "mine", "other" or "guide".</param>
/// <param name="Name">What the legend says; empty for no entry.</param>
/// <param name="WithDots">Each point is marked, too.</param>
readonly record struct PlotLine(string Style, string Name, IReadOnlyList<(double X, double Y)> Points, bool WithDots = false);

/// <summary>A plot of lines over numbered axes, as inline SVG.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="X">What the horizontal axis counts.</param>
/// <param name="Y">What the vertical axis counts.</param>
/// <param name="Lines">At least one; those without points are left out.</param>
sealed record Plot(string Title, string X, string Y, IReadOnlyList<PlotLine> Lines)
{
    const int Width = 360;
    const int Height = 250;
    const int Left = 52;
    const int Right = 10;
    const int Top = 10;
    const int Bottom = 40;

    /// <summary>The axes' ranges; null takes those of the points.</summary>
    public (double Low, double High)? XRange { get; init; }

    public (double Low, double High)? YRange { get; init; }

    /// <summary>Lower and upper ends of an area behind the lines.</summary>
    public IReadOnlyList<(double X, double Low, double High)> Band { get; init; } = [];

    /// <summary>Bars from 0 up: where each begins, ends, and how high it is.</summary>
    public IReadOnlyList<(double Low, double High, double Y)> Bars { get; init; } = [];

    public Markup Draw()
    {
        var (x, y) = (new Axis(XRange ?? RangeOf(Xs()), Left, Width - Right), new Axis(YRange ?? RangeOf(Ys()), Height - Bottom, Top));
        var grid = x.Ticks().Select(tick => Markup.Of(
                $"<path class=\"grid\" d=\"M{x.At(tick)} {Top}V{Height - Bottom}\"/><text x=\"{x.At(tick)}\" y=\"{Height - Bottom + 14}\" text-anchor=\"middle\">{x.Text(tick)}</text>"))
            .Concat(y.Ticks().Select(tick => Markup.Of(
                $"<path class=\"grid\" d=\"M{Left} {y.At(tick)}H{Width - Right}\"/><text x=\"{Left - 5}\" y=\"{y.At(tick) + 4}\" text-anchor=\"end\">{y.Text(tick)}</text>")));
        var drawn = Lines.Where(line => line.Points.Count > 0).ToArray();
        var legend = drawn.Where(line => line.Name.Length > 0).Select(line =>
            Markup.Of($"<span><span class=\"swatch {line.Style}\"></span>{line.Name}</span>"));
        return Markup.Of(
            $"""
            <figure class="plot"><h3>{Title}</h3>
            <svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{Title}: {Y} by {X}">{grid}{BandPath(x, y)}{BarPaths(x, y)}{drawn.Select(line => Line(line, x, y))}
            <text class="axis" x="{(Left + Width - Right) / 2}" y="{Height - 6}" text-anchor="middle">{X}</text>
            <text class="axis" transform="translate(12 {(Top + Height - Bottom) / 2}) rotate(-90)" text-anchor="middle">{Y}</text></svg>
            <p class="legend">{legend}</p></figure>

            """);
    }

    Markup BandPath(Axis x, Axis y)
    {
        if (Band.Count == 0)
        {
            return Markup.Nothing;
        }

        var upper = Band.Select((each, index) => Markup.Of($"{Step(index)}{x.At(each.X)} {y.At(each.High)}"));
        var lower = Band.Reverse().Select(each => Markup.Of($"L{x.At(each.X)} {y.At(each.Low)}"));
        return Markup.Of($"<path class=\"band\" d=\"{upper}{lower}Z\"/>");
    }

    IEnumerable<Markup> BarPaths(Axis x, Axis y) => Bars.Select(bar => Markup.Of(
        $"<rect class=\"mine\" x=\"{x.At(bar.Low)}\" y=\"{y.At(bar.Y)}\" width=\"{Math.Max(0.5, x.At(bar.High) - x.At(bar.Low) - 0.5)}\" height=\"{y.At(0) - y.At(bar.Y)}\"/>"));

    static Markup Line(PlotLine line, Axis x, Axis y)
    {
        var path = line.Points.Select((point, index) => Markup.Of($"{Step(index)}{x.At(point.X)} {y.At(point.Y)}"));
        var dots = line.WithDots
            ? line.Points.Select(point => Markup.Of($"<circle class=\"{line.Style}\" cx=\"{x.At(point.X)}\" cy=\"{y.At(point.Y)}\" r=\"3\"/>"))
            : [];
        return Markup.Of($"<path class=\"line {line.Style}\" d=\"{path}\"/>{dots}");
    }

    static string Step(int index) => index == 0 ? "M" : "L";

    IEnumerable<double> Xs() => Lines.SelectMany(line => line.Points).Select(point => point.X)
        .Concat(Band.Select(each => each.X)).Concat(Bars.SelectMany(bar => new[] { bar.Low, bar.High }));

    IEnumerable<double> Ys() => Lines.SelectMany(line => line.Points).Select(point => point.Y)
        .Concat(Band.SelectMany(each => new[] { each.Low, each.High })).Concat(Bars.Select(bar => bar.Y)).Concat(Bars.Count > 0 ? [0] : []);

    static (double, double) RangeOf(IEnumerable<double> values)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
        {
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        return low < high ? (low, high) : double.IsFinite(low) ? (low - 1, low + 1) : (0, 1);
    }

    /// <summary>From a range of values to a range of places.</summary>
    sealed class Axis((double Low, double High) range, double from, double to)
    {
        readonly double _step = StepOf(range.High - range.Low);

        /// <summary>The place of a value; those outside are drawn at the edge.</summary>
        public double At(double value) =>
            from + (Math.Clamp(value, range.Low, range.High) - range.Low) / (range.High - range.Low) * (to - from);

        public IEnumerable<double> Ticks()
        {
            var first = Math.Ceiling(range.Low / _step - 1e-9);
            return Enumerable.Range(0, 12).Select(index => (first + index) * _step).TakeWhile(tick => tick <= range.High + _step * 1e-9);
        }

        public string Text(double tick) => (Math.Abs(tick) < _step / 2 ? 0 : tick).ToString("G4", CultureInfo.InvariantCulture);

        /// <summary>1, 2 or 5 times a power of ten, so that there are four to ten ticks.</summary>
        static double StepOf(double width)
        {
            var power = Math.Pow(10, Math.Floor(Math.Log10(width / 5)));
            return (width / 5 / power) switch
            {
                < 1.5 => power,
                < 3.5 => 2 * power,
                < 7.5 => 5 * power,
                _ => 10 * power,
            };
        }
    }
}

/// <summary>What plots add to <see cref="ReportStyle.Sheet"/>.</summary>
static class PlotStyle
{
    public const string Sheet = """
        .plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(24rem, 100%), 1fr)); gap: 1rem; }
        .plot { background: var(--raised); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; margin: 0; }
        .plot svg { inline-size: 100%; block-size: auto; display: block; border: 0; }
        .plot text { font-size: 11px; fill: var(--quiet); } .plot .axis { font-size: 12px; fill: var(--ink); }
        .grid { stroke: var(--line); stroke-width: 1; fill: none; } .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
        .line.mine { stroke: var(--mine); } .line.other { stroke: var(--other); }
        .line.guide { stroke: var(--quiet); stroke-width: 1; stroke-dasharray: 4 4; }
        circle.mine { fill: var(--mine); } circle.other { fill: var(--other); }
        .band { fill: color-mix(in srgb, var(--mine) 22%, transparent); }
        .legend { display: flex; flex-wrap: wrap; gap: 1rem; margin: .4rem 0 0; font-size: .82rem; color: var(--quiet); min-block-size: 1.2em; }
        .swatch { display: inline-block; inline-size: 1.1em; block-size: .25em; margin-inline-end: .35em; vertical-align: middle; }
        .swatch.mine { background: var(--mine); } .swatch.other { background: var(--other); } .swatch.guide { background: var(--quiet); }
        svg.whisker { inline-size: 12rem; block-size: 1.1rem; border: 0; display: block; }
        .whisker path { stroke: var(--mine); stroke-width: 2; fill: none; } .small .whisker path { stroke: var(--quiet); }
        .small > * { color: var(--quiet); }
        """;

    /// <summary>Nothing is run, and nothing is loaded.</summary>
    public const string Policy = "default-src 'none'; style-src 'unsafe-inline'";
}
